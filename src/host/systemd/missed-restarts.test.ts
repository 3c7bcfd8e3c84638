import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missedRestarts, type RestartCounts } from './missed-restarts.ts';

const nothing: RestartCounts = { accounted: 0, now: 0, logged: [], wasWaiting: false, isRefused: false };

test('restarts that nothing explains are a number', () => {
  const cases: [string, Partial<RestartCounts>, number][] = [
    ['none', {}, 0],
    ['the journal has all', { now: 3, logged: [1, 2, 3] }, 0],
    ['the journal has none', { now: 3 }, 3],
    ['the journal has some, one twice', { now: 3, logged: [2, 2] }, 2],
    ['the journal has older ones', { accounted: 2, now: 3, logged: [1, 2] }, 1],
    ['the first follows a reported exit', { now: 3, wasWaiting: true }, 2],
    ['the last was refused', { now: 3, isRefused: true }, 2],
    ['started manually since', { accounted: 5, now: 2, wasWaiting: true }, 2],
    ['never less than none', { now: 1, wasWaiting: true, isRefused: true }, 0],
  ];
  for (const [what, counts, expected] of cases) {
    assert.equal(missedRestarts({ ...nothing, ...counts }), expected, what);
  }
});
