import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processorMs } from '../../../test/support/processor-time.ts';
import { parseNodeDeath } from './node-death.ts';

const megabyte = 1024 * 1024;

test('the trailer counts only as the last non-empty line', () => {
  assert.equal(parseNodeDeath('boom\n\nNode.js v24.1.0\n').fatalTrailer, 'v24.1.0');
  assert.equal(
    parseNodeDeath('boom\n\nNode.js v25.0.0-nightly20250101\n\n').fatalTrailer,
    'v25.0.0-nightly20250101',
  );
  assert.equal(parseNodeDeath('Node.js v24.1.0\nlistening\n').fatalTrailer, null);
  assert.equal(parseNodeDeath('running on Node.js v24.1.0\n').fatalTrailer, null);
  assert.equal(parseNodeDeath('').fatalTrailer, null);
});

test('out of memory: the heap after the last collection, also where V8 cut a line (Node 18 and 20)', () => {
  const text = `
<--- Last few GCs --->

[1:0x1]      153 ms: Mark-sweep 33.9 (66.4) -> 33.9 (67.4) MB, 3.4 / 0.0 ms finalize incremental m[1:0x1]      218 ms: Mark-sweep 49.7 (67.4) -> 49.6 (83.1) MB, 53.1 / 0.0 ms


<--- JS stacktrace --->

FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
 1: 0xb9bbf0 node::Abort() [node]
`;
  const death = parseNodeDeath(text);
  assert.deepEqual(death.outOfMemory, {
    usedBytes: Math.round(49.6 * megabyte),
    committedBytes: Math.round(83.1 * megabyte),
  });
  assert.equal(death.abort, true);
});

test('out of memory without sizes is still out of memory; the words inside a line are not', () => {
  const fatal = 'FATAL ERROR: invalid table size Allocation failed - JavaScript heap out of memory\n';
  assert.deepEqual(parseNodeDeath(fatal).outOfMemory, { usedBytes: null, committedBytes: null });
  assert.equal(parseNodeDeath(`caught: ${fatal}`).outOfMemory, null);
});

test("a rejection with a non-Error is recognized by Node's own source line", () => {
  const excerpt =
    'node:internal/process/promises:392\n      new UnhandledPromiseRejection(reason);\n      ^\n\n';
  assert.equal(parseNodeDeath(`${excerpt}x\n\nNode.js v24.1.0\n`).unhandledRejection, true);
  assert.equal(parseNodeDeath(`${excerpt}x\n`).unhandledRejection, false);
  assert.equal(parseNodeDeath('Error: x\n\nNode.js v24.1.0\n').unhandledRejection, false);
});

test('the JavaScript stack before abort is read and ends at the first other line', () => {
  const text =
    '----- Native stack trace -----\n\n 1: 0x931db0  [node]\n\n----- JavaScript stack trace -----\n\n' +
    '1: /app/my (1)/a.js:1:9\n2: go (file:///app/b.mjs:2:3)\n4: not the next\n';
  assert.deepEqual(parseNodeDeath(text).abortFrames, [
    { function: null, file: '/app/my (1)/a.js', line: 1, column: 9, async: false },
    { function: 'go', file: 'file:///app/b.mjs', line: 2, column: 3, async: false },
  ]);
});

test('arbitrary text never throws', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\n',
      'Node.js v1.2.3',
      '----- JavaScript stack trace -----',
      '----- Native stack trace -----\n',
      '\n\n1: f (a:1:2)',
      '<--- Last few GCs --->',
      ') -> 1.0 (2.0) MB',
      'FATAL ERROR: Allocation failed',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const death = parseNodeDeath(pieces.join(''));
      assert.ok(death.abortFrames.length <= 100);
    }),
  );
});

test('hostile text takes linear time', () => {
  for (const unit of [
    '\n',
    ' ',
    'FATAL ERROR: ',
    'Fatal ',
    'node:internal/process/promises:1\n ',
    ') -> 1.1 (',
  ]) {
    const usedMs = processorMs(() => {
      parseNodeDeath(unit.repeat(Math.ceil((1024 * 1024) / unit.length)));
    });
    assert.ok(usedMs < 4000, JSON.stringify(unit));
  }
});
