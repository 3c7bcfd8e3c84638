import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteRange, searchBudget } from './byte-range.ts';
import type { ReadBytes } from './memory-reader.ts';

const MB = 1024 * 1024;

/** A file of zeros with one text in it, of which at most 1 MB is read at a time. */
function sparse(text: string, textAt: number, read: { bytes: number }): ReadBytes {
  return (address, length) => {
    assert.ok(length <= MB);
    read.bytes += length;
    const bytes = Buffer.alloc(length);
    const at = textAt - Number(address);
    if (at > -text.length && at < length) Buffer.from(text).copy(bytes, Math.max(0, at), Math.max(0, -at));
    return bytes;
  };
}

test('a text in a large range is found wherever pieces of it end', () => {
  for (const textAt of [0, MB - 3, MB, 5 * MB - 1, 40 * MB - 6]) {
    const range = new ByteRange(sparse('needle', textAt, { bytes: 0 }), 0n, 40 * MB, searchBudget());
    assert.equal(range.indexOf(Buffer.from('needle')), textAt);
    assert.equal(range.indexOf(Buffer.from('needle'), textAt + 1), -1);
    assert.equal(range.textAt(textAt, 100), textAt + 6 < 40 * MB ? 'needle' : null);
  }
});

test('all searches together read no more than their budget', () => {
  const read = { bytes: 0 };
  const budget = { leftBytes: 100 * MB };
  const range = new ByteRange(sparse('needle', 39 * MB, read), 0n, 40 * MB, budget);
  for (let search = 0; search < 10; search++) range.indexOf(Buffer.from(`other ${search}`));
  assert.ok(read.bytes <= 102 * MB, `${read.bytes}`);
  assert.equal(range.indexOf(Buffer.from('needle')), -1);
});
