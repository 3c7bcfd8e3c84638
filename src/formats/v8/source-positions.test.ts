import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lineAndColumn, positionAt, readPositionTable } from './source-positions.ts';

/** Of the same method, as Node 24 and Node 26 keep it. */
const TABLES = ['01b805026c051408241394010f7b0b17', '02b805076c0a1413242694011e7b1617'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

test('a table of V8 gives positions by the offset in the code', () => {
  for (const bytes of TABLES) {
    const table = readPositionTable(bytes);
    assert.ok(table !== null);
    assert.deepEqual(table[0], { offset: -1, position: 173 });
    // Of what comes before `new` in `throw new TypeError(…)`, and of that.
    assert.deepEqual([positionAt(table, 21), positionAt(table, 22)], [251, 220]);
  }
});

test('other bytes are no table', () => {
  assert.equal(readPositionTable(new Uint8Array()), null);
  assert.equal(readPositionTable(Uint8Array.from([5, 0, 0, 0, 9, 0, 0, 0])), null);
  assert.equal(readPositionTable(TABLES[0]?.subarray(0, 2) ?? new Uint8Array(1)), null);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const table = readPositionTable(bytes);
      assert.ok(table === null || table.every(({ position }) => position >= 0));
    }),
  );
});

test('lines end as in JavaScript', () => {
  const text = 'a\nbb\r\nccc\rd\u2028e';
  assert.deepEqual(lineAndColumn(text, 0), { line: 1, column: 1 });
  assert.deepEqual(lineAndColumn(text, 3), { line: 2, column: 2 });
  assert.deepEqual(lineAndColumn(text, 6), { line: 3, column: 1 });
  assert.deepEqual(lineAndColumn(text, text.length), { line: 5, column: 2 });
  assert.equal(lineAndColumn(text, text.length + 1), null);
});
