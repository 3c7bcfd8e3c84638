import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processorMs } from '../../../test/support/processor-time.ts';
import { inputs } from '../../../test/support/rounds.ts';
import type { ReadBytes } from '../elf/memory-reader.ts';
import { findJavaScriptCalls } from './javascript-calls.ts';
import { V8Heap } from './v8-heap.ts';
import type { V8Layout } from './v8-layout.ts';

/** Node 26's. */
const LAYOUT: V8Layout = {
  ...{ frameFunction: -16, frameContext: -8, mapInstanceType: 12, functionShared: 32, sharedName: 24 },
  ...{
    sharedScript: 40,
    scriptName: 16,
    stringLength: 12,
    stringCharacters: 16,
    thinActual: 16,
    consFirst: 16,
  },
  ...{ consSecond: 24, scopeLocalCount: 2, scopeFirstVariable: 5, sharedType: 288, scriptType: 166 },
  ...{ scopeType: 286, firstNonstringType: 128 },
};
const BASE = 0x100000n;

/** Memory of words at BASE; small ones make pointers into it likely. */
function memoryOf(words: readonly bigint[]): ReadBytes {
  const bytes = new Uint8Array(BigUint64Array.from(words).buffer);
  return (address, length) => {
    const at = Number(address - BASE);
    return at < 0 || at >= bytes.length ? bytes.subarray(0, 0) : bytes.subarray(at, at + length);
  };
}

test('a heap of any words yields an answer', () => {
  const pointer = fc.nat(63).map((index) => BASE + BigInt(index) * 8n + 1n);
  const type = fc.constantFrom(288n, 166n, 286n, 2066n, 8n, 1n, 5n, 40n, 32n).map((value) => value << 32n);
  const word = fc.oneof(pointer, type, fc.bigInt(0n, (1n << 64n) - 1n), fc.constant(5n << 32n));
  fc.assert(
    fc.property(fc.array(word, { minLength: 64, maxLength: 64 }), (words) => {
      const heap = new V8Heap(memoryOf(words), LAYOUT);
      for (let index = 0; index < 64; index++) heap.functionAt(BASE + BigInt(index) * 8n + 1n);
    }),
    { numRuns: inputs(500) },
  );
});

test('strings that contain themselves end', () => {
  // One object whose map is itself: a ConsString of type 1 whose halves are itself.
  const self = BASE + 1n;
  const read = memoryOf([self, 1n << 32n, self, self, self, self]);
  const usedMs = processorMs(() => {
    assert.equal(new V8Heap(read, { ...LAYOUT, firstNonstringType: 128 }).functionAt(self), null);
  });
  assert.ok(usedMs < 1000);
});

test('a stack of any bytes yields an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const heap = new V8Heap(() => bytes, LAYOUT);
      assert.ok(findJavaScriptCalls({ address: 0x7000n, bytes }, heap, LAYOUT).length <= 200);
    }),
  );
});
