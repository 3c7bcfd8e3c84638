import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBun } from './read-bun.ts';

test('calls that begin the text have no line above them', () => {
  const lines = ['      at order (/srv/shop/cause.ts:4:16)', 'Bun v1.4.5 (Linux x64)'];
  const words = readBun(lines, { readSource: () => null, program: null, readClass: () => null });
  assert.deepEqual([words?.from, words?.to, words?.error.type], [0, 2, null]);
});
