import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatByteSize, parseByteSize } from './byte-size.ts';

test('sizes are read as people type them, and nothing else', () => {
  assert.deepEqual(['500MB', '1.5GB', '2TB', '64KB'].map(parseByteSize), [
    500 * 2 ** 20,
    1.5 * 2 ** 30,
    2 ** 41,
    65_536,
  ]);
  assert.deepEqual(['', '5', '5 GB', 'GB', '-1GB', '1e3GB', '5gb'].map(parseByteSize), Array(7).fill(null));
});

test('sizes are written in the unit that fits', () => {
  assert.deepEqual([0, 422_000, 1.5 * 2 ** 30].map(formatByteSize), ['0 KB', '412 KB', '1.5 GB']);
});
