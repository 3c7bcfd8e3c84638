import assert from 'node:assert/strict';
import { test } from 'node:test';
import { impactWords, totalImpactWords } from './impact-words.ts';

const least = (connectionsCut: number | null, servedAfterMs: number | null) => ({
  ...{ connectionsCut, servedAfterMs },
  isExact: false,
});
const exact = (connectionsCut: number) => ({ connectionsCut, isExact: true, servedAfterMs: null });

test('what one crash did', () => {
  assert.equal(impactWords(least(3, 900)), 'at least 3 connections cut, down for 900 ms');
  assert.equal(impactWords(least(0, 900)), 'down for 900 ms');
  assert.equal(impactWords(least(1, null)), 'at least 1 connection cut');
  assert.equal(impactWords(exact(2)), '2 connections cut');
  assert.equal(impactWords(exact(0)), 'no connection cut');
  assert.equal(impactWords(least(0, null)), null);
});

test('what several crashes did: a sum is exact only if all of it is', () => {
  assert.equal(totalImpactWords([exact(2), exact(1)]), '3 connections cut');
  assert.equal(totalImpactWords([exact(2), null]), 'at least 2 connections cut');
  assert.equal(
    totalImpactWords([least(2, 900), least(5, 2_100)]),
    'at least 7 connections cut, longest downtime 2.1 s',
  );
  assert.equal(totalImpactWords([null, null]), null);
  assert.equal(totalImpactWords([]), null);
});
