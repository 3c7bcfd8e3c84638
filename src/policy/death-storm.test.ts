import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeathStorm, NO_STORM, withDeath } from './death-storm.ts';

test('of a storm the first are recorded, the rest is a number', () => {
  let storm: DeathStorm = NO_STORM;
  const recorded = Array.from({ length: 1_000 }, (_, index) => {
    const next = withDeath(storm, index * 100);
    storm = next;
    return next.record;
  });
  assert.equal(recorded.slice(0, 20).every(Boolean), true);
  // 100 seconds: 20 in each ten.
  assert.equal(recorded.filter(Boolean).length, 200);
  assert.equal(storm.skipped, 800);
});

test('a death every second is always recorded', () => {
  let storm: DeathStorm = NO_STORM;
  for (let second = 0; second < 100; second++) {
    const next = withDeath(storm, second * 1_000);
    assert.equal(next.record, true);
    storm = next;
  }
});
