import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fleet, InstanceSummary } from '../store/read/instance-store.ts';
import type { CauseCount } from '../store/read/timeline-store.ts';
import { appInsight, type InsightInput } from './app-insight.ts';
import { causesByCode } from './causes-by-code.ts';
import { commandWord } from './command-word.ts';
import { appThresholds, instanceThresholds, thresholdSentences } from './thresholds.ts';
import { dayTrendWords, trendWords, worseWords } from './worse.ts';

const NOW = Date.UTC(2026, 10, 25);
const SETTINGS = { armAfter: 3, windowMs: 86_400_000, cooldownMs: 28_800_000 };

const instance = (name: string, changes: Partial<InstanceSummary> = {}): InstanceSummary => ({
  ...{ instance: name, state: 'watching', version: null, crashmonVersion: null },
  ...{ crashesLastDay: 0, crashesTotal: 0, crashesInWindow: 0, settings: SETTINGS, cooldownUntilMs: null },
  ...{ workerStartedAtMs: null, firstSeenMs: 0, lastSeenMs: NOW, lastCrashAtMs: null },
  ...{ lostRecords: 0, ...changes },
});
const fleet = (states: Partial<Fleet['states']>, changes: Partial<Fleet> = {}): Fleet => ({
  states: {
    ...{
      armed: 0,
      watching: 0,
      'cooling-down': 0,
      silent: 0,
      stopped: 0,
      external: 0,
      folded: 0,
      disabled: 0,
    },
    ...states,
  },
  ...{ silent: [], thresholds: [], nearest: null, ...changes },
});
const insight = (changes: Partial<InsightInput>) =>
  appInsight({
    ...{ app: 'shop', causes: [], captured: 0, moreCaptured: false, rangeWords: 'the last 24 hours' },
    ...{ fleet: fleet({ watching: 1 }), ...changes },
  });

test('the summary counts all crashes and captures', () => {
  const calm = insight({ fleet: fleet({ watching: 1, silent: 1 }, { silent: ['web-2'] }) });
  assert.deepEqual(calm, {
    tone: 'calm',
    headline: 'No crash of shop in the last 24 hours.',
    rest: '1 instance is watched. No heartbeat from web-2.',
  });
  const most = fleet({ disabled: 1, silent: 900 }, { silent: ['a', 'b', 'c'] });
  assert.equal(insight({ fleet: most }).rest, 'No instance is watched. No heartbeat from a, b and 898 more.');
  assert.equal(insight({ fleet: fleet({}) }).rest, 'No instance reported yet.');
  const causes = [{ crashes: 1 }, { crashes: 1 }];
  const nearest = instance('web-1', { crashesInWindow: 2 });
  const counted = insight({ causes, fleet: fleet({ watching: 1 }, { nearest }) });
  assert.equal(counted.headline, 'shop crashed twice in the last 24 hours.');
  assert.equal(
    counted.rest,
    'No crash has a call stack yet. After 2 more crashes on web-1 within 24 h, Crashmon is armed to capture the next one.',
  );
  assert.match(insight({ causes, captured: 1 }).rest, /has the call stack of 1 crash\.$/);
  assert.match(insight({ causes, captured: 50, moreCaptured: true }).rest, /of more than 50 crashes/);
});

test('thresholds are those the instances have', () => {
  const usual = { settings: SETTINGS, instances: 2, names: ['a', 'b'] };
  const eager = { settings: { armAfter: 0, windowMs: 600_000, cooldownMs: 0 }, instances: 1, names: ['c'] };
  const once = { ...eager, settings: { armAfter: 1, windowMs: 3_600_000, cooldownMs: 0 } };
  assert.deepEqual(thresholdSentences([usual]), [
    'After 4 crashes on an instance within 24 h, Crashmon captures the next one, then pauses there for 8 h.',
  ]);
  assert.deepEqual(thresholdSentences([{ ...usual, instances: 7, names: ['a', 'b', 'd'] }, eager]), [
    'After 4 crashes on one of a, b and 5 more within 24 h, Crashmon captures the next one, then pauses there for 8 h.',
    'Crashmon captures every crash on c.',
  ]);
  assert.deepEqual(thresholdSentences([once]), [
    'After 2 crashes on an instance within 1 h, Crashmon captures the next one.',
  ]);
  assert.deepEqual(thresholdSentences([]), []);
  assert.deepEqual(appThresholds({ thresholds: [usual], nearest: null }), thresholdSentences([usual]));
  const noCapture = { why: 'runtime', runtime: 'python', code: null } as const;
  for (const state of ['watching', 'stopped', 'silent'] as const) {
    assert.deepEqual(
      appThresholds({ thresholds: [usual], nearest: instance('a', { state, noCapture }) }),
      [],
    );
    assert.deepEqual(instanceThresholds(instance('a', { state, noCapture })), []);
    assert.deepEqual(instanceThresholds(instance('a', { state })), thresholdSentences([usual]));
  }
  const disarmed = instance('a', { state: 'disabled' });
  assert.deepEqual(appThresholds({ thresholds: [usual], nearest: disarmed }), []);
  assert.deepEqual(instanceThresholds(disarmed), []);
});

test('crashes that look the same are one code; a known cause is named', () => {
  const cause = (changes: Partial<CauseCount>): CauseCount => ({
    ...{ kind: 'exception', exceptionType: null, signal: null, code: null, crashes: 1 },
    ...{ status: { type: 'code', code: 1 }, ...changes },
  });
  const counts = causesByCode([
    cause({ exceptionType: 'TypeError', crashes: 2 }),
    cause({ kind: 'fault', status: { type: 'signal', signal: 'SIGSEGV' }, crashes: 3 }),
    cause({ kind: 'fault', signal: 'SIGSEGV', status: { type: 'signal', signal: 'SIGSEGV' }, crashes: 4 }),
    cause({ kind: 'stack-overflow', exceptionType: 'RangeError' }),
    cause({ kind: 'rejection', exceptionType: 'Error', code: 'ECONNREFUSED' }),
  ]);
  assert.deepEqual(
    counts.map(({ code, crashes }) => `${crashes} ${code}`),
    [
      '7 SIGSEGV',
      '2 TypeError (exit code 1)',
      '1 stack overflow (exit code 1)',
      '1 unhandled rejection: Error ECONNREFUSED (exit code 1)',
    ],
  );
  assert.deepEqual(
    counts.map(({ known }) => known === null),
    [true, true, false, false],
  );
});

test('what got worse is compared with the day before', () => {
  const worse = { signature: 'x', title: 'x', isNew: false, lastDay: 12, dayBefore: 3 };
  assert.equal(worseWords(worse), '12 crashes in 24 hours, 3 the day before');
  assert.equal(worseWords({ ...worse, dayBefore: 0 }), '12 crashes in 24 hours, none the day before');
  assert.equal(worseWords({ ...worse, isNew: true, lastDay: 1 }), 'new: 1 crash in 24 hours');
  const trend = (lastDay: number, dayBefore: number, firstSeenMs = 0) =>
    trendWords({ crashesLastDay: lastDay, crashesDayBefore: dayBefore, firstSeenMs }, NOW);
  assert.deepEqual(
    [trend(0, 0), trend(4, 4), trend(5, 2), trend(0, 1_500), trend(11, 0, NOW - 3_600_000)],
    [
      ...[null, 'as many as the day before', '3 more than the day before'],
      ...['1,500 fewer than the day before', 'its first day here'],
    ],
  );
  assert.equal(dayTrendWords([9, 0, 4]), '4 today, none yesterday');
  assert.equal(dayTrendWords([]), 'none today, none yesterday');
});

test('names that a shell would read otherwise stand in no command', () => {
  assert.equal(commandWord('shop-2.web_1', 'APP'), 'shop-2.web_1');
  for (const name of ['', '-rf', '$(id)', 'a b', 'a;b', '`id`', '\u202Eshop', '../x'])
    assert.equal(commandWord(name, 'APP'), 'APP');
});
