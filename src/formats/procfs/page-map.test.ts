import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePageMap } from './page-map.ts';

test('which pages hold something', () => {
  const entries = Buffer.alloc(6 * 8);
  [0x80, 0x81, 0xa0, 0x00, 0x40, 0x20].forEach((bits, page) => {
    entries[page * 8 + 7] = bits;
  });
  assert.deepEqual(parsePageMap(entries, { ofFiles: false }), [
    { first: 0, end: 2 },
    { first: 4, end: 5 },
  ]);
  assert.deepEqual(parsePageMap(entries, { ofFiles: true }), [
    { first: 0, end: 3 },
    { first: 4, end: 5 },
  ]);
  assert.deepEqual(parsePageMap(Buffer.alloc(7), { ofFiles: true }), []);
});
