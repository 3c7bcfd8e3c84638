import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnitRemovals } from './unit-removals.ts';

test('a unit is removed at once, and of a reload only if it does not come back', () => {
  const removed: string[] = [];
  const removals = new UnitRemovals((unit) => removed.push(unit));
  removals.removed('a');
  assert.deepEqual(removed, ['a']);
  removals.reloading(true);
  for (const unit of ['b', 'c']) removals.removed(unit);
  removals.added('b');
  assert.deepEqual(removed, ['a']);
  removals.reloading(false);
  removals.removed('d');
  removals.reloading(false);
  assert.deepEqual(removed, ['a', 'c', 'd']);
});
