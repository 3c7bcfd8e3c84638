import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Instant } from '../model/instant.ts';
import type { PolicyState } from '../model/policy.ts';
import { judgeExit } from './judge-exit.ts';
import { UNSEEN_EXIT } from './settle-exit.ts';

const HOUR_MS = 3_600_000;
const SETTINGS = { armAfter: 3, windowMs: 24 * HOUR_MS, cooldownMs: 8 * HOUR_MS };
const HEAP = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n';

function at(ms: number): Instant {
  return { wallMs: ms, monotonicMs: ms, bootId: 'boot' };
}

function isCaptured(policy: Partial<PolicyState>): boolean {
  const run = {
    id: '0123456789ab',
    startedAt: at(0),
    pid: 1,
    pidStartTicks: 1,
    armed: true,
    commandHash: '',
  };
  const status = { type: 'signal', signal: 'SIGABRT' } as const;
  const stderr = { bytes: Buffer.from(HEAP), offset: 0 };
  const seen = { ...UNSEEN_EXIT, run, status, stderr, diedAt: at(10 * HOUR_MS), endedAtMs: 10 * HOUR_MS };
  const state: PolicyState = { crashes: [], lastCapture: null, manual: null, noCapture: null, ...policy };
  const { exit, policy: next } = judgeExit(seen, {
    ...{ directory: null, withoutState: false, policy: state, settings: SETTINGS },
  });
  assert.equal(exit.verdict.counted, true);
  const isNew = next.lastCapture?.wallMs === 10 * HOUR_MS;
  assert.equal(isNew, exit.captured);
  return exit.captured;
}

test('what ran armed before another process was captured is not captured in the cool-down', () => {
  assert.equal(isCaptured({}), true);
  assert.equal(isCaptured({ lastCapture: at(3 * HOUR_MS) }), false);
  assert.equal(isCaptured({ lastCapture: at(HOUR_MS) }), true);
  assert.equal(isCaptured({ lastCapture: at(3 * HOUR_MS), manual: 'armed' }), true);
  assert.equal(isCaptured({ manual: 'disarmed' }), false);
});
