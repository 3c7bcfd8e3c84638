import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOfWords } from './late-words.ts';

const AT = 10_000;
const after = (ms: number, hadWords = true) => startOfWords(AT, [{ atMs: AT - ms, hadWords }]);

test('words are those of the last second, and since another process ended', () => {
  assert.equal(startOfWords(AT, []), 9_000);
  assert.equal(after(5_000), 9_000);
  assert.equal(after(600), 9_900);
});

test('what can be of another process is of none', () => {
  for (const ms of [0, 400, -400]) assert.equal(after(ms), null);
  assert.equal(after(600, false), null);
  assert.equal(after(5_000, false), 9_000);
  assert.equal(after(-600, false), 9_000);
});
