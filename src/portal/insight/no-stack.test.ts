import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstanceSummary } from '../store/read/instance-store.ts';
import { noStack, outlook } from './no-stack.ts';

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

test('the next crash is foretold by the state, with the real thresholds', () => {
  const words = (changes: Partial<InstanceSummary>) => outlook(instance(changes));
  assert.equal(words({ crashesInWindow: 3 }), '1 more crash on web-3 within 24 hours arms it.');
  assert.equal(words({ crashesInWindow: 0 }), '4 more crashes on web-3 within 24 hours arm it.');
  assert.equal(words({ crashesInWindow: 99 }), '1 more crash on web-3 within 24 hours arms it.');
  const eager = { armAfter: 0, windowMs: 600_000, cooldownMs: 0 };
  assert.equal(words({ settings: eager }), '1 more crash on web-3 within 10 minutes arms it.');
  assert.equal(words({ settings: null }), 'web-3 is watched.');
  assert.equal(
    words({ crashesInWindow: 5, noCapture: { why: 'runtime', runtime: 'python', code: null } }),
    'No capture is possible on web-3: crashmon cannot read exceptions of Python yet; the traceback is on standard error.',
  );
  assert.equal(words({ state: 'armed' }), 'web-3 is armed: its next crash is captured.');
  assert.equal(
    words({ state: 'cooling-down', cooldownUntilMs: NOW + 3_600_000 }),
    'web-3 captured a crash and is cooling down until 2026-11-25 09:47:13 UTC.',
  );
  assert.equal(
    words({ state: 'silent' }),
    'web-3 is silent: its last heartbeat or crash was at 2026-11-25 07:47:13 UTC.',
  );
  assert.match(words({ state: 'stopped' }), /stopped since 2026-11-25 07:47:13 UTC: nothing runs there/);
  assert.match(words({ state: 'external' }), /Crashmon does not run web-3/);
  assert.match(words({ state: 'disabled' }), /nothing is captured there/);
});

test('a crash without a stack says why, one with a stack says nothing', () => {
  const why = (changes: object) => noStack(event(changes), instance({ crashesInWindow: 3 }), NOW);
  assert.equal(why({ hasReport: true }), null);
  assert.deepEqual(why({}), {
    why: 'The worker was not armed: this was crash 2 in 24 hours, and the one after crash 4 is captured if it can be.',
    outlook: '1 more crash on web-3 within 24 hours arms it.',
  });
  assert.match(why({ crashesInWindow: 6 })?.why ?? '', /a capture was made shortly before/);
  const python = instance({ noCapture: { why: 'runtime', runtime: 'python', code: null } });
  const noCapture = noStack(event({ crashesInWindow: 6 }), python, NOW);
  assert.equal(noCapture?.why, 'The worker was not armed: this was crash 6 in 24 hours.');
  assert.match(noCapture.outlook ?? '', /^No capture is possible on web-3: /);
  const armed = { armed: true, captured: true };
  assert.deepEqual(why({ ...armed, atMs: NOW - 1000 }), {
    why: 'The worker was armed, and its report is on the way. If it is not here by 2026-11-25 08:52:12 UTC, run crashmon show 3f2a91c4 on web-3.',
    outlook: null,
  });
  assert.match(why(armed)?.why ?? '', /has not arrived; run crashmon show 3f2a91c4 on web-3/);
  assert.match(why({ armed: true, atMs: NOW - 1000 })?.why ?? '', /nothing was captured; crashmon show/);
  assert.deepEqual(why({ kind: 'oom-kill' })?.outlook, null);
  assert.equal(noStack(event({}), null, NOW)?.outlook, null);
});
