import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashesInARow, restartDelayMs } from './restart-backoff.ts';

const settings = { baseMs: 100, maxMs: 30_000 };

test('the delay doubles from the base and never exceeds the maximum', () => {
  const middle = [1, 2, 3, 4, 9, 10, 40, 10_000].map((n) => restartDelayMs(n, settings, 0.5));
  assert.deepEqual(middle, [100, 200, 400, 800, 25_600, 30_000, 30_000, 30_000]);
  assert.equal(restartDelayMs(10_000, settings, 0.999), 30_000);
});

test('jitter stays within a quarter of the delay', () => {
  assert.equal(restartDelayMs(1, settings, 0), 75);
  assert.equal(restartDelayMs(1, settings, 0.999), 125);
});

test('a base of 0 restarts at once, for ever', () => {
  for (const n of [1, 5, 500]) assert.equal(restartDelayMs(n, { baseMs: 0, maxMs: 30_000 }, 0.7), 0);
});

test('a life of ten seconds ends the row', () => {
  assert.equal(crashesInARow(4, 9_999), 5);
  assert.equal(crashesInARow(4, 10_000), 1);
});
