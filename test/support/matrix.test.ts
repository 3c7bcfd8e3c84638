import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allCells, coveringCells, IS_COMPLETE, inTurn } from './matrix.ts';

const size = fc.integer({ min: 1, max: 12 });

test('a covering set has each row and each column that is possible, and no cell that is not', () => {
  fc.assert(
    fc.property(size, size, fc.infiniteStream(fc.boolean()), (height, width, coins) => {
      const rows = Array.from({ length: height }, (_, row) => row);
      const columns = Array.from({ length: width }, (_, column) => column);
      const allowed = new Set<string>();
      // The first column takes every row.
      for (const row of rows) {
        for (const column of columns) if (column === 0 || coins.next().value) allowed.add(`${row} ${column}`);
      }
      const isPossible = (row: number, column: number) => allowed.has(`${row} ${column}`);
      const all = allCells(rows, columns, isPossible).map((cell) => cell.join(' '));
      const cells = coveringCells(rows, columns, isPossible);
      assert.deepEqual(new Set(all), allowed);
      assert.ok(cells.every((cell) => allowed.has(cell.join(' '))));
      assert.equal(new Set(cells.map((cell) => cell.join(' '))).size, cells.length);
      assert.deepEqual(new Set(cells.map(([row]) => row)), new Set(rows));
      const met = columns.filter((column) => rows.some((row) => isPossible(row, column)));
      assert.deepEqual(new Set(cells.map(([, column]) => column)), new Set(met));
      assert.ok(cells.length < height + width);
    }),
  );
  assert.throws(() => coveringCells([1], [2], () => false), /no column for 1/);
});

test('columns are met equally often', () => {
  const cells = coveringCells([1, 2, 3, 4, 5, 6], ['a', 'b', 'c'], () => true);
  assert.equal(cells.map(([, column]) => column).join(''), 'abcabc');
});

test('tests take their column in turn', () => {
  const columns = [1, 2];
  const next = inTurn(columns);
  const taken = [next(), next(), next()];
  assert.deepEqual(taken, IS_COMPLETE ? [columns, columns, columns] : [[1], [2], [1]]);
});
