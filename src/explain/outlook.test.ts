import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MonitorStatus } from '../model/policy.ts';
import { whyNoStack } from './no-stack.ts';
import { outlook } from './outlook.ts';

const settings = { armAfter: 3, windowMs: 86_400_000, cooldownMs: 28_800_000 };
const python = { why: 'runtime', runtime: 'python', code: null } as const;
const names = { name: 'web-3', where: 'on web-3', time: (atMs: number) => `at ${atMs}` };

function words(changes: Partial<MonitorStatus>): string {
  const status = { state: 'watching', settings, crashesInWindow: 0, cooldownUntilMs: null } as const;
  return outlook({ ...status, ...changes }, names);
}

test('a watched instance says how many more crashes will arm it, or why none will', () => {
  assert.equal(
    words({ crashesInWindow: 3 }),
    'After 1 more crash on web-3 within 24 h, Crashmon is armed to capture the next one.',
  );
  assert.equal(
    words({ crashesInWindow: 0 }),
    'After 4 more crashes on web-3 within 24 h, Crashmon is armed to capture the next one.',
  );
  const eager = { armAfter: 0, windowMs: 600_000, cooldownMs: 0 };
  assert.equal(
    words({ settings: eager }),
    'After 1 more crash on web-3 within 10 min, Crashmon is armed to capture the next one.',
  );
  assert.equal(words({ settings: null }), 'Crashmon captures a call stack if the crashes continue.');
  assert.equal(
    words({ crashesInWindow: 9 }),
    'A crash on web-3 like the last one cannot be captured: crashmon status shows why.',
  );
  assert.match(
    words({ crashesInWindow: 9, noCapture: python }),
    /^A crash on web-3 like the last one cannot be captured: .*Python/,
  );
});

test('an armed, paused or disabled instance says what the next crash brings', () => {
  assert.equal(words({ state: 'armed' }), 'web-3 is armed: the next crash will be captured.');
  assert.match(words({ state: 'armed', noCapture: python }), /^web-3 is armed, but .* cannot be captured: /);
  assert.equal(
    words({ state: 'cooling-down', cooldownUntilMs: 7 }),
    'Capture on web-3 is paused until at 7.',
  );
  assert.equal(words({ state: 'cooling-down' }), 'Capture on web-3 is paused for 8 h after the last one.');
  assert.equal(words({ state: 'disabled' }), 'Capture on web-3 is disabled.');
});

test('a crash without a stack has a reason', () => {
  const crash = { kind: 'exception', hasReport: false, armed: false, captured: false } as const;
  const why = (changes: object) => whyNoStack({ ...crash, crashesInWindow: 2, settings, ...changes });
  assert.equal(
    why({}),
    'Crashmon has none from standard error, and the worker was not armed: this was crash 2 in 24 h.',
  );
  assert.match(why({ crashesInWindow: 6 }), /crash 6 in 24 h\. Capture was paused or disabled/);
  assert.match(
    why({ armed: true }),
    /^The worker was armed, but nothing was captured, and Crashmon has no call stack from standard error\.$/,
  );
  assert.match(why({ armed: true, captured: true }), /is not available yet/);
  assert.match(why({ hasReport: true }), /captured, but without a call stack/);
  const perl = { hasReport: true, source: 'last-words', runtime: { name: 'perl', version: null } };
  assert.equal(why(perl), 'Perl printed no call stack.');
  assert.equal(why({ ...perl, runtime: null }), 'The program printed no call stack.');
  assert.match(why({ kind: 'oom-kill' }), /OOM kill/);
});
