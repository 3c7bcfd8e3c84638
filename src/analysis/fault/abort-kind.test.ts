import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processorMs } from '../../../test/support/processor-time.ts';
import { abortKindOf } from './abort-kind.ts';

test('sentences of glibc', () => {
  const kinds = {
    'double free or corruption (!prev)\n': 'double-free',
    'double free or corruption (fasttop)\n': 'double-free',
    'free(): double free detected in tcache 2\n': 'double-free',
    "*** Error in `./a': double free or corruption (out): 0x0000000001 ***\n": 'double-free',
    'free(): invalid pointer\n': 'invalid-free',
    'free(): invalid size\n': 'invalid-free',
    'munmap_chunk(): invalid pointer\n': 'invalid-free',
    'realloc(): invalid pointer\n': 'invalid-free',
    'malloc(): corrupted top size\n': 'heap-corruption',
    'malloc(): unaligned tcache chunk detected\n': 'heap-corruption',
    'malloc(): memory corruption (fast)\n': 'heap-corruption',
    'free(): invalid next size (normal)\n': 'heap-corruption',
    'realloc(): invalid next size\n': 'heap-corruption',
    'malloc_consolidate(): invalid chunk size\n': 'heap-corruption',
    'corrupted size vs. prev_size\n': 'heap-corruption',
    'corrupted double-linked list\n': 'heap-corruption',
    'invalid fastbin entry (free)\n': 'heap-corruption',
    '*** stack smashing detected ***: terminated\n': 'stack-smashing',
    '*** buffer overflow detected ***: terminated\n': 'buffer-overflow',
    "shop: pay.c:9: pay: Assertion `card == 4711' failed.\n": 'assertion',
    "shop: pay.c:9: pay: Assertion `a &&\n b' failed.\n": 'assertion',
    'The futex facility returned an unexpected error code.\n': 'other-fatal',
    '': 'other-fatal',
  } as const;
  for (const [text, kind] of Object.entries(kinds)) assert.equal(abortKindOf(text), kind, text);
});

test('any text has a kind, soon', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 5000 }), (text) => abortKindOf(text).length > 0),
  );
  const usedMs = processorMs(() => {
    abortKindOf(`: Assertion \`${"' failed".repeat(100_000)}`);
  });
  assert.ok(usedMs < 2000);
});
