import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusalCounts } from './refusal-counts.ts';

const HOUR_MS = 3_600_000;

test('of a repeated refusal the first, the 10th, the 100th and so on are written, each hour anew', () => {
  const counts = new RefusalCounts();
  const written = (from: number) =>
    Array.from({ length: 1_200 }, (_, at) => counts.note('a revoked', 'GET /', from + at)).filter(Boolean);
  assert.deepEqual(written(0), [1, 10, 100, 1_000]);
  assert.deepEqual(written(HOUR_MS), [1, 10, 100, 1_000]);
});

test('another route, reason or token does not hide behind it', () => {
  const counts = new RefusalCounts();
  for (let at = 0; at < 60; at++) counts.note('a missing scope', 'GET /metrics', at);
  assert.equal(counts.note('a missing scope', 'GET /api/v1/apps', 60), 61);
  assert.equal(counts.note('a missing scope', 'GET /api/v1/apps', 61), null);
  assert.equal(counts.note('a wrong secret', 'GET /metrics', 62), 1);
  assert.equal(counts.note('b missing scope', 'GET /metrics', 63), 1);
});

test('requests of all routes do not fill the log', () => {
  const counts = new RefusalCounts();
  const written = Array.from({ length: 72_000 }, (_, at) =>
    counts.note('a revoked', `GET /${at % 100}`, at),
  ).filter(Boolean);
  assert.deepEqual(written, [1, 2, 3, 4, 5, 6, 7, 8, 10, 100, 1_000, 10_000]);
});

test('what could not be written is written the next time', () => {
  const counts = new RefusalCounts();
  counts.note('a revoked', 'GET /', 0);
  counts.forget('a revoked');
  assert.equal(counts.note('a revoked', 'GET /', 1), 2);
  assert.equal(counts.note('a revoked', 'GET /', 2), null);
});
