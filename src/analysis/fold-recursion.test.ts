import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { processorMs } from '../../test/support/processor-time.ts';
import type { Frame } from '../model/frame.ts';
import { foldRecursion } from './fold-recursion.ts';

/** A frame a letter. */
function stack(letters: string): Frame[] {
  return [...letters].map((name) => ({
    ...{ function: name, file: '/a.js', line: 1, column: 1, module: null, inApp: true },
    ...{ repeat: 1, trust: 'call-site' as const },
  }));
}

function folded(letters: string): string {
  return foldRecursion(stack(letters))
    .map((frame) => `${frame.function}${frame.repeat}`)
    .join(' ');
}

test('one frame and cycles of up to eight fold; others do not', () => {
  assert.equal(folded('xaaaay'), 'x1 a4 y1');
  assert.equal(folded('xababababy'), 'x1 a4 b4 y1');
  assert.equal(folded('abcdefghabcdefgh'), 'a2 b2 c2 d2 e2 f2 g2 h2');
  assert.equal(folded('abcdefghiabcdefghi'), 'a1 b1 c1 d1 e1 f1 g1 h1 i1 a1 b1 c1 d1 e1 f1 g1 h1 i1');
  assert.equal(folded('aabaab'), 'a2 a2 b2');
  assert.equal(folded('ababa'), 'a2 b2 a1');
  assert.equal(folded(''), '');
});

test('positions count: calls from two lines are two frames', () => {
  const frames = stack('aa');
  assert.equal(foldRecursion([{ ...(frames[0] as Frame), line: 2 }, frames[1] as Frame]).length, 2);
});

test('no frame is lost or made up', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 200 }), (letters) => {
      const total = foldRecursion(stack(letters)).reduce((sum, frame) => sum + frame.repeat, 0);
      assert.equal(total, letters.length);
    }),
  );
});

test('hostile stacks take linear time', () => {
  const usedMs = processorMs(() => {
    for (const unit of ['a', 'ab', 'aab', 'abcdefgh', 'abcdefghi', 'aaaaaaab']) {
      foldRecursion(stack(unit.repeat(Math.ceil(20_000 / unit.length))));
    }
  });
  assert.ok(usedMs < 6000);
});
