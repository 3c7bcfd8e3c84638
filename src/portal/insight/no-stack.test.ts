import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstanceSummary } from '../store/read/instance-store.ts';
import { instanceOutlook, noStack } from './no-stack.ts';

const NOW = Date.UTC(2026, 10, 25, 8, 47, 13);
const SETTINGS = { armAfter: 3, windowMs: 86_400_000, cooldownMs: 28_800_000 };

const instance = (changes: Partial<InstanceSummary>): InstanceSummary => ({
  ...{ instance: 'web-3', state: 'watching', version: null, crashmonVersion: null },
  ...{ crashesLastDay: 0, crashesTotal: 0, crashesInWindow: 0, settings: SETTINGS, cooldownUntilMs: null },
  ...{ workerStartedAtMs: null, firstSeenMs: 0, lastSeenMs: NOW - 3_600_000, lastCrashAtMs: null },
  ...{ lostRecords: 0, ...changes },
});
const event = (changes: object) => ({
  ...{
    hasReport: false,
    armed: false,
    captured: false,
    kind: 'exception' as const,
    atMs: NOW - 3_600_000,
    crashId: '3f2a91c4beef',
  },
  ...{ crashesInWindow: 2, settings: SETTINGS, instance: 'web-3', ...changes },
});

test('the state of an instance says what its next crash brings', () => {
  const words = (changes: Partial<InstanceSummary>) => instanceOutlook(instance(changes));
  assert.equal(
    words({ crashesInWindow: 3 }),
    'After 1 more crash on web-3 within 24 h, Crashmon is armed to capture the next one.',
  );
  assert.equal(
    words({ state: 'cooling-down', cooldownUntilMs: NOW + 3_600_000 }),
    'Capture on web-3 is paused until 2026-11-25 09:47:13 UTC.',
  );
  assert.equal(
    words({ state: 'silent' }),
    'web-3 is silent: its last heartbeat or crash was at 2026-11-25 07:47:13 UTC.',
  );
  assert.match(words({ state: 'stopped' }), /stopped since 2026-11-25 07:47:13 UTC: no worker is running/);
  assert.match(words({ state: 'external' }), /Crashmon does not run web-3/);
});

test('a crash without a report has a reason, and what to do', () => {
  const why = (changes: object) => noStack(event(changes), instance({ crashesInWindow: 3 }), NOW);
  assert.equal(why({ hasReport: true }), null);
  assert.deepEqual(why({}), {
    why: 'Crashmon has none from standard error, and the worker was not armed: this was crash 2 in 24 h.',
    outlook: 'After 1 more crash on web-3 within 24 h, Crashmon is armed to capture the next one.',
  });
  const armed = { armed: true, captured: true };
  assert.deepEqual(why({ ...armed, atMs: NOW - 1000 }), {
    why: 'The crash was captured, but its report is not available yet. If it is not here by 2026-11-25 08:52:12 UTC, run crashmon show 3f2a91c4 on web-3.',
    outlook: null,
  });
  assert.match(why(armed)?.why ?? '', /not available yet\. Run crashmon show 3f2a91c4 on web-3 for details/);
  assert.match(why({ armed: true, atMs: NOW - 1000 })?.why ?? '', /from standard error\. Run crashmon show/);
  assert.deepEqual(why({ kind: 'oom-kill' })?.outlook, null);
  assert.equal(noStack(event({}), null, NOW)?.outlook, null);
});
