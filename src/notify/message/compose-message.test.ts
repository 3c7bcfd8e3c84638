import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  CRASH_NOTIFICATIONS,
  crashNotification,
  DIGEST,
  EMPTY_DIGEST,
  FLOOD_DIGEST,
  frame,
  report,
  TEST_NOTIFICATION,
} from '../../../test/notify/sample-notifications.ts';
import { assertGolden } from '../../../test/support/golden.ts';
import { CRASH_KINDS } from '../../model/exit.ts';
import { ABORT_KINDS, FAULT_SUMMARIES } from '../../model/fault.ts';
import { mailText } from '../mail/mail-text.ts';
import type { Notification } from '../notification.ts';
import { composeMessage } from './compose-message.ts';
import { causeOf } from './crash-cause.ts';
import { MAX_SUBJECT } from './message.ts';
import { stackView } from './stack-view.ts';

const NOTICES: Readonly<Record<string, Notification>> = {
  ...CRASH_NOTIFICATIONS,
  digest: DIGEST,
  'digest of a day without crashes': EMPTY_DIGEST,
  'digest beyond the hourly limit': FLOOD_DIGEST,
  test: TEST_NOTIFICATION,
  'uncaught exception, without a portal': crashNotification({ pageUrl: null, settingsUrl: null }),
};

describe('a message', () => {
  for (const [name, notification] of Object.entries(NOTICES)) {
    test(name, () => {
      const message = composeMessage(notification);
      assertGolden(
        `notify/${name.toLowerCase().replaceAll(/\W+/g, '-')}.txt`,
        `Subject: ${message.subject}\n\n${mailText(message)}`,
      );
    });
  }

  test('has words for every kind of crash, fault and abort', () => {
    const words = CRASH_KINDS.flatMap((crashKind) =>
      FAULT_SUMMARIES.flatMap((summary) =>
        [null, ...ABORT_KINDS].map((abortKind) =>
          causeOf(
            crashNotification({
              crashKind,
              signal: 'SIGSEGV',
              report: report(crashKind, {
                signal: 'SIGSEGV',
                fault: { summary, siCode: null, addressClass: null, systemCall: 41, abortKind },
              }),
            }),
          ),
        ),
      ),
    );
    for (const each of words) assert.match(each, /^(?:an? |SIGSEGV \(|exit code )[\w'+:() -]+$/);
  });

  test('handles empty and missing values', () => {
    const notification = crashNotification({
      app: '',
      title: '\0',
      atMs: Number.NaN,
      openedAtMs: Number.POSITIVE_INFINITY,
      lastCrashAtMs: -1e300,
      timeZone: 'Nowhere/At_All',
      instances: { count: 0, names: [] },
      version: '',
    });
    for (const kind of ['opened', 'returned', 'escalated', 'recovered'] as const) {
      const { facts, subject } = composeMessage({ ...notification, kind });
      assert.match(subject, /your app, \(unnamed\),/i);
      assert.ok(facts.every(({ value }) => value !== ''));
    }
  });

  test('has a subject within the maximum length', () => {
    for (const notification of Object.values(CRASH_NOTIFICATIONS)) {
      const { subject } = composeMessage({
        ...notification,
        app: 'a'.repeat(5000),
        exceptionType: 'E'.repeat(5000),
        code: 'C'.repeat(99),
      });
      assert.ok([...subject].length <= MAX_SUBJECT, subject);
    }
  });
});

describe('the words for a missing call stack', () => {
  const without = (more: Parameters<typeof crashNotification>[0]) =>
    composeMessage(crashNotification({ report: null, ...more })).noStack;

  test('say how many more crashes are needed', () => {
    assert.equal(
      without({ state: 'watching', crashesInWindow: 1 }),
      'No call stack yet. After 3 more crashes on web-1 within 24 h, Crashmon is armed to capture the next one.',
    );
  });

  test('say that the next crash will be captured', () => {
    assert.equal(
      without({ state: 'armed' }),
      'No call stack yet. web-1 is armed: the next crash will be captured.',
    );
  });

  test('say that capture is paused or impossible', () => {
    const python = { why: 'runtime', runtime: 'python', code: null } as const;
    assert.match(
      without({ state: 'watching', noCapture: python }) ?? '',
      /the probe of Python was not loaded/,
    );
    assert.match(
      without({ state: 'watching', crashesInWindow: 9 }) ?? '',
      /on web-1 like the last one cannot be captured/,
    );
    assert.match(without({ state: 'cooling-down' }) ?? '', /on web-1 is paused for 8 h/);
    assert.match(without({ state: 'disabled' }) ?? '', /on web-1 is disabled/);
    assert.match(without({ settings: null, state: null }) ?? '', /if the crashes continue/);
  });
});

describe('a stack', () => {
  const other = (module: string | null) => frame('f', 'x.js', 1, { module, inApp: false });

  test('shows the innermost frame, the app’s own and those with a count, and folds the rest', () => {
    const lines = stackView(
      [
        other('pg'),
        other('pg'),
        other('pg-pool'),
        frame('own', 'src/a.ts', 3),
        other('express'),
        other('express'),
        { ...other('express'), repeat: 20_000 },
      ],
      20,
    );
    assert.deepEqual(
      lines.map((line) => (line.type === 'folded' ? line.text : `${line.name} ${line.repeat}`.trim())),
      ['f', '… 2 frames of pg and pg-pool', 'own', '… 2 frames of express', 'f × 20,000'],
    );
  });

  test('without a frame of the app’s own shows the first ones', () => {
    const lines = stackView(new Array(30).fill(other('node')), 20);
    assert.equal(lines.length, 7);
    assert.deepEqual(lines.at(-1), { type: 'folded', text: '… 24 frames of Node.js' });
  });

  test('is bounded, and every frame is shown or counted', () => {
    const frames = fc.array(
      fc.record({
        inApp: fc.boolean(),
        repeat: fc.constantFrom(1, 1, 7),
        module: fc.constantFrom(null, 'node', 'a', 'b'),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 25 }), (given, limit) => {
        const lines = stackView(
          given.map((more) => frame('f', 'x.js', 1, more)),
          limit,
        );
        const shown = lines.reduce(
          (sum, line) =>
            sum + (line.type === 'frame' ? 1 : Number(/\d+/.exec(line.text.replaceAll(',', ''))?.[0])),
          0,
        );
        return lines.length <= limit && shown === given.length;
      }),
    );
  });
});
