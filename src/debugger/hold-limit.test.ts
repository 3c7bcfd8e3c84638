import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdLimit, holdLimitOf } from './hold-limit.ts';

test('the limit grows with the processes that wait for a processor, up to a second', () => {
  assert.equal(holdLimitOf('0.62 0.18 0.06 1/209 3163\n', 2), 250);
  assert.equal(holdLimitOf('9.00 9.00 9.00 6/209 3163\n', 2), 750);
  assert.equal(holdLimitOf('9.00 9.00 9.00 90/209 3163\n', 2), 1_000);
  assert.equal(holdLimitOf('damaged', 2), 250);
  assert.ok(holdLimit() >= 250 && holdLimit() <= 1_000);
});
