import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean } from './did-you-mean.ts';

const VERBS = ['run', 'status', 'crashes', 'show', 'logs', 'arm', 'disarm', 'doctor', 'demo', 'help'];

for (const [written, expected] of [
  ['shwo', 'show'],
  ['stauts', 'status'],
  ['crash', 'crashes'],
  ['log', 'logs'],
  ['list', null],
  ['dsarm', 'disarm'],
  ['rum', 'run'],
  ['ran', 'run'],
  ['bogus', null],
  ['d', null],
  ['', null],
  ['x'.repeat(100_000), null],
] as const) {
  test(`${written.slice(0, 20)} → ${expected}`, () => {
    assert.equal(didYouMean(written, VERBS), expected);
  });
}

test('an option may be cut short, unless several begin so', () => {
  const options = ['--restart', '--restart-delay', '--restart-delay-max', '--state-dir', '--stop-timeout'];
  assert.equal(didYouMean('--state', options), '--state-dir');
  assert.equal(didYouMean('--restart-', options), '--restart');
  assert.equal(didYouMean('--st', options), null);
});
