import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBuckets } from './token-buckets.ts';

test('a key may use its burst at once and then so much a second', () => {
  const buckets = new TokenBuckets({ perSecond: 10, burst: 20 });
  buckets.take('a', 15, 0);
  assert.equal(buckets.waitMs('a', 0), 0);
  // Who has anything left may go below zero once.
  buckets.take('a', 100, 0);
  assert.equal(buckets.waitMs('a', 0), 9_600);
  assert.equal(buckets.waitMs('a', 9_600), 0);
  assert.equal(buckets.waitMs('b', 0), 0);
});

test('a clock that goes back takes nothing away', () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 1 });
  buckets.take('a', 1, 10_000);
  assert.equal(buckets.waitMs('a', 0), 1_000);
});

test('the number of keys is bounded: who was not seen for longest begins anew', () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 1, maxKeys: 2 });
  for (const key of ['a', 'b', 'c']) buckets.take(key, 5, 0);
  assert.equal(buckets.waitMs('a', 0), 0);
  assert.ok(buckets.waitMs('c', 0) > 0);
});
