import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  CRASH_NOTICES,
  crashNotice,
  DIGEST,
  EMPTY_DIGEST,
  FLOOD_DIGEST,
  frame,
  report,
  TEST_NOTICE,
} from '../../../test/integration/notify/sample-notices.ts';
import { assertGolden } from '../../../test/support/golden.ts';
import { CRASH_KINDS } from '../../model/exit.ts';
import { ABORT_KINDS, FAULT_SUMMARIES } from '../../model/fault.ts';
import { mailText } from '../mail/mail-text.ts';
import type { Notice } from '../notice.ts';
import { causeWords } from './cause-words.ts';
import { stackView } from './stack-view.ts';
import { MAX_SUBJECT } from './story.ts';
import { tell } from './tell.ts';

const NOTICES: Readonly<Record<string, Notice>> = {
  ...CRASH_NOTICES,
  digest: DIGEST,
  'digest of a day without crashes': EMPTY_DIGEST,
  'digest beyond the hourly limit': FLOOD_DIGEST,
  test: TEST_NOTICE,
  'uncaught exception, without a portal': crashNotice({ pageUrl: null, settingsUrl: null }),
};

describe('what is told', () => {
  for (const [name, notice] of Object.entries(NOTICES)) {
    test(name, () => {
      const story = tell(notice);
      assertGolden(
        `notify/${name.toLowerCase().replaceAll(/\W+/g, '-')}.txt`,
        `Subject: ${story.subject}\n\n${mailText(story)}`,
      );
    });
  }

  test('has words for every kind of crash, fault and abort', () => {
    const words = CRASH_KINDS.flatMap((crashKind) =>
      FAULT_SUMMARIES.flatMap((summary) =>
        [null, ...ABORT_KINDS].map((abortKind) =>
          causeWords(
            crashNotice({
              crashKind,
              signal: 'SIGSEGV',
              report: report(crashKind, {
                fault: { summary, siCode: null, addressClass: null, systemCall: 41, abortKind },
              }),
            }),
          ),
        ),
      ),
    );
    for (const each of words) assert.match(each, /^(?:an?|the) [\w'+:() -]+$/);
  });

  test('survives what is empty or not there', () => {
    const notice = crashNotice({
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
      const { facts, subject } = tell({ ...notice, kind });
      assert.match(subject, /your app, without a name,/i);
      assert.ok(facts.every(({ value }) => value !== ''));
    }
  });

  test('has a subject that is no longer than it may be', () => {
    for (const notice of Object.values(CRASH_NOTICES)) {
      const { subject } = tell({
        ...notice,
        app: 'a'.repeat(5000),
        exceptionType: 'E'.repeat(5000),
        code: 'C'.repeat(99),
      });
      assert.ok([...subject].length <= MAX_SUBJECT, subject);
    }
  });
});

describe('how a stack is captured where there is none', () => {
  const without = (more: Parameters<typeof crashNotice>[0]) =>
    tell(crashNotice({ report: null, ...more })).noStack;

  test('after how many more crashes', () => {
    assert.equal(
      without({ state: 'watching', crashesInWindow: 1 }),
      'No call stack yet: 3 more crashes on web-1 within 24 h arm Crashmon there, and the one after that is captured if it can be.',
    );
  });

  test('the next one', () => {
    assert.equal(without({ state: 'armed' }), 'No call stack yet: the next crash on web-1 is captured.');
    assert.equal(
      without({ state: null, crashesInWindow: 9 }),
      'No call stack yet: the next crash on web-1 is captured.',
    );
  });

  test('not for some hours, or not at all', () => {
    assert.equal(
      without({ state: 'watching', crashesInWindow: 9 }),
      'No call stack: Crashmon cannot capture a crash like this on web-1; crashmon status there says why.',
    );
    assert.match(without({ state: 'cooling-down' }) ?? '', /nothing more is captured on web-1 for 8 h/);
    assert.match(without({ state: 'disabled' }) ?? '', /switched off on web-1/);
    assert.match(without({ settings: null, state: null }) ?? '', /when the crashes go on/);
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
        const told = lines.reduce(
          (sum, line) =>
            sum + (line.type === 'frame' ? 1 : Number(/\d+/.exec(line.text.replaceAll(',', ''))?.[0])),
          0,
        );
        return lines.length <= limit && told === given.length;
      }),
    );
  });
});
