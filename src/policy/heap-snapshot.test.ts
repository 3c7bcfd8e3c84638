import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemoryUse } from '../model/memory.ts';
import { snapshotAt, snapshotObstacle } from './heap-snapshot.ts';

const MB = 1e6;
const PLAN = { fromBytes: null, msPerMegabyte: 50, longestMs: 10_000 };

test('a heap snapshot is taken near the limit, or earlier if a person says so', () => {
  assert.equal(snapshotAt(PLAN, 200 * MB), 180 * MB);
  assert.equal(snapshotAt({ ...PLAN, fromBytes: 40 * MB }, 200 * MB), 40 * MB);
  assert.equal(snapshotAt({ ...PLAN, fromBytes: 900 * MB }, 200 * MB), 180 * MB);
});

test('none is taken that would hold the worker for too long, or for which memory is short anywhere', () => {
  const limit = (of: MemoryUse['of'], freeBytes: number): MemoryUse => ({
    of,
    usedBytes: 100 * MB,
    limitBytes: 100 * MB + freeBytes,
  });
  const roomy = [limit('machine', 9000 * MB), limit('heap', 1)];
  assert.equal(snapshotObstacle(PLAN, 180 * MB, roomy), null);
  assert.equal(snapshotObstacle(PLAN, 201 * MB, roomy), 'heap-too-long');
  // Eight times its size, and something for the worker.
  assert.equal(snapshotObstacle(PLAN, 100 * MB, [...roomy, limit('cgroup', 870 * MB)]), null);
  assert.equal(snapshotObstacle(PLAN, 100 * MB, [...roomy, limit('cgroup', 860 * MB)]), 'heap-no-memory');
  assert.equal(snapshotObstacle(PLAN, 100 * MB, [limit('machine', 100 * MB)]), 'heap-no-memory');
});
