import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldCycles } from './fold-cycles.ts';

const folded = (text: string, counts: readonly number[] = []) => {
  const keys = [...text];
  return foldCycles(
    keys,
    keys.map((_, index) => counts[index] ?? 1),
  ).map(({ indexes, repeats }) => indexes.map((index) => keys[index]).join('') + (repeats ? '*' : ''));
};

test('a cycle is one turn, wherever it begins and ends', () => {
  assert.deepEqual(folded('abc'), ['a', 'b', 'c']);
  assert.deepEqual(folded('aaab'), ['a*', 'b']);
  assert.deepEqual(folded('xababy'), ['x', 'ab*', 'y']);
  assert.deepEqual(folded('xababay'), ['x', 'ab*', 'y']);
  assert.deepEqual(folded('abcabcab'), ['abc*']);
  assert.deepEqual(folded('aby', [40, 40]), ['ab*', 'y']);
  assert.deepEqual(folded('abay', [40, 40]), ['ab*', 'y']);
  assert.deepEqual(folded(''), []);
});

test('nothing is lost or counted twice', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 }), (text) => {
      const turns = foldCycles(
        [...text],
        [...text].map(() => 1),
      );
      const indexes = turns.flatMap((turn) => turn.indexes);
      assert.deepEqual(
        indexes,
        [...new Set(indexes)].sort((one, other) => one - other),
      );
      assert.deepEqual(new Set(indexes.map((index) => text[index])), new Set(text));
    }),
  );
});
