import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withRestart } from './restart-limit.ts';

const LIMIT = { most: 3, withinMs: 1000 };

test('the restart beyond the limit is refused, and allowed once the oldest no longer counts', () => {
  let restarts: number[] = [];
  for (const now of [0, 100, 200]) {
    const next = withRestart(restarts, LIMIT, now);
    assert.ok(next !== null);
    restarts = next;
  }
  assert.equal(withRestart(restarts, LIMIT, 999), null);
  assert.deepEqual(withRestart(restarts, LIMIT, 1000), [100, 200, 1000]);
});

test('restarts further apart than the duration never reach the limit', () => {
  let restarts: number[] = [];
  for (let now = 0; now < 10_000; now += 500) restarts = withRestart(restarts, LIMIT, now) ?? [];
  assert.deepEqual(restarts, [9000, 9500]);
});
