import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeathStorm, NO_STORM, withDeath } from './death-storm.ts';

/** @returns how many of these deaths are recorded */
function recordedOf(timesMs: readonly number[]): number {
  let storm: DeathStorm = NO_STORM;
  return timesMs.filter((atMs) => {
    const next = withDeath(storm, atMs);
    storm = next ?? storm;
    return next !== null;
  }).length;
}

test('of a storm the first are recorded, the rest is a number', () => {
  const storm = Array.from({ length: 1_000 }, (_, index) => index * 9);
  assert.equal(recordedOf(storm), 100);
  assert.equal(recordedOf([...storm, 20_000]), 101);
});

test('a death every second is always recorded', () => {
  assert.equal(recordedOf(Array.from({ length: 500 }, (_, second) => second * 1_000)), 500);
});
