import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { report } from '../../../test/notify/sample-notifications.ts';
import { factsOfExit } from '../../model/crash-facts.ts';
import type { CrashKind, ExitStatus } from '../../model/exit.ts';
import { publishRecord } from '../../privacy/publish-record.ts';
import { signatureOf } from '../../signature/signature.ts';
import type { LocalEpisode } from './local-episode.ts';
import { type News, type Reading, readNews } from './read-news.ts';

const START_MS = Date.UTC(2026, 0, 31, 12);
const MINUTE = 60_000;
const SETTINGS = { quietMs: 60 * MINUTE, stackGraceMs: 2 * MINUTE };

const uidOf = (number: number) => number.toString(16).padStart(24, '0');

function crash(
  number: number,
  afterMs: number,
  more: { kind?: CrashKind; status?: ExitStatus; captured?: boolean } = {},
): News {
  const { kind = 'exception', status = { type: 'code', code: 1 }, captured = false } = more;
  const { values, title } = signatureOf(factsOfExit(kind, status));
  const record = publishRecord({
    type: 'crash',
    uid: uidOf(number),
    atMs: START_MS + afterMs,
    crashId: number.toString(16).padStart(12, '0'),
    kind,
    suspected: false,
    status,
    reason: { code: 'uncaught-exception' },
    armed: captured,
    captured,
    uptimeMs: 1000,
    crashesInWindow: number,
    settings: { armAfter: 3, windowMs: 24 * 60 * MINUTE, cooldownMs: 0 },
    state: 'watching',
    backAfterMs: null,
    signatures: values,
    title,
  });
  return { version: '1.0', record };
}

function capture(number: number, afterMs: number, cause: string, kind: CrashKind = 'exception'): News {
  const record = publishRecord({
    type: 'capture',
    uid: `${uidOf(number)}-c`,
    atMs: START_MS + afterMs,
    crashUid: uidOf(number),
    report: report(kind, { id: number.toString(16).padStart(12, '0'), exceptionType: cause }),
    signatures: [
      signatureOf({ ...factsOfExit(kind, { type: 'code', code: 1 }), exceptionType: cause }).values[0] ?? '',
    ],
    title: `${cause} in f`,
  });
  return { version: '1.0', record };
}

/** Reads some news at a time; what is open goes on. */
class Reader {
  #open: LocalEpisode[] = [];
  #ids = 0;

  read(afterMs: number, ...news: News[]): Reading {
    const reading = readNews(this.#open, news, {
      app: 'shop',
      instance: 'web-1',
      nowMs: START_MS + afterMs,
      settings: SETTINGS,
      newId: () => `e${++this.#ids}`,
    });
    // As it lies in the journal.
    this.#open = JSON.parse(JSON.stringify(reading.episodes.toReversed()));
    return reading;
  }
}

const told = ({ tellings }: Reading) =>
  tellings.map(({ notification, local }) => `${notification.kind} ${local.title}: ${local.episode.crashes}`);

describe('what is told of crashes on one machine', () => {
  test('one that is captured: its call stack, at once, with all crashes before', () => {
    const reader = new Reader();
    assert.deepEqual(told(reader.read(2_000, crash(1, 0), crash(2, 500), crash(3, 1000))), []);
    const reading = reader.read(4_000, crash(4, 2_500, { captured: true }), capture(4, 2_500, 'TypeError'));
    assert.deepEqual(told(reading), ['opened TypeError in f: 4']);
    assert.deepEqual(
      reading.tellings.map(({ local }) => [local.capturedId, local.exceptionType, local.crashesInWindow]),
      [['000000000004', 'TypeError', 4]],
    );
  });

  test('one that is not: after the wait', () => {
    const reader = new Reader();
    assert.equal(reader.read(2_000, crash(1, 0)).wakeMs, START_MS + 2 * MINUTE);
    assert.deepEqual(told(reader.read(2 * MINUTE)), [
      'opened unhandled exception (exit code 1), no stack: 1',
    ]);
  });

  test('a call stack that came too late for the first message: with the end', () => {
    const reader = new Reader();
    assert.deepEqual(told(reader.read(3 * MINUTE, crash(1, 0))).length, 1);
    reader.read(4 * MINUTE, crash(2, 4 * MINUTE, { captured: true }), capture(2, 4 * MINUTE, 'TypeError'));
    const { tellings } = reader.read(65 * MINUTE);
    assert.deepEqual(
      tellings.map(({ notification, local, stackIsNew }) => [notification.kind, local.title, stackIsNew]),
      [['recovered', 'TypeError in f', true]],
    );
  });

  test('its end, once, and the next one is told again', () => {
    const reader = new Reader();
    reader.read(1_000, crash(1, 0, { captured: true }), capture(1, 0, 'TypeError'));
    const { wakeMs } = reader.read(2_000);
    assert.equal(wakeMs, START_MS + SETTINGS.quietMs);
    assert.deepEqual(told(reader.read(62 * MINUTE)), ['recovered TypeError in f: 1']);
    assert.deepEqual(told(reader.read(63 * MINUTE)), []);
    const again = reader.read(
      64 * MINUTE,
      crash(2, 63 * MINUTE, { captured: true }),
      capture(2, 63 * MINUTE, 'TypeError'),
    );
    assert.deepEqual(told(again), ['opened TypeError in f: 1']);
  });

  test('a worker with the probe looks like one without: one cause, one message', () => {
    const reader = new Reader();
    reader.read(2_000, crash(1, 0), crash(2, 500, { kind: 'exit' }));
    const armed = crash(3, 2_500, { kind: 'rejection', captured: true });
    assert.deepEqual(told(reader.read(4_000, armed, capture(3, 2_500, 'Error', 'rejection'))), [
      'opened Error in f: 3',
    ]);
    assert.deepEqual(told(reader.read(5 * MINUTE, crash(4, 4 * MINUTE))), []);
  });

  test('captures of two causes with the same exit: two messages, each crash counted once', () => {
    const reader = new Reader();
    reader.read(1_000, crash(1, 0, { captured: true }), capture(1, 0, 'TypeError'));
    const reading = reader.read(3_000, crash(2, 2_000, { captured: true }), capture(2, 2_000, 'RangeError'));
    assert.deepEqual(told(reading), ['opened RangeError in f: 1']);
    assert.deepEqual(
      reading.episodes.map(({ title, episode }) => [title, episode.crashes]),
      [
        ['TypeError in f', 1],
        ['RangeError in f', 1],
      ],
    );
    // What cannot be told apart is counted to the one that was captured last.
    const later = reader.read(9_000, crash(3, 8_000));
    assert.deepEqual(later.episodes.map(({ episode }) => episode.crashes).toSorted(), [1, 2]);
  });

  test('other exits: an episode of their own', () => {
    const reader = new Reader();
    reader.read(
      1_000,
      crash(1, 0),
      crash(2, 0, { kind: 'oom-kill', status: { type: 'signal', signal: 'SIGKILL' } }),
    );
    assert.deepEqual(told(reader.read(3 * MINUTE)).length, 2);
  });

  test('a death that nobody saw belongs to what crashed last', () => {
    const reader = new Reader();
    reader.read(1_000, crash(1, 0));
    assert.equal(reader.read(2_000, crash(2, 1_500, { status: { type: 'unknown' } })).episodes.length, 1);
  });

  test('crashmon was away for a day: what was told has an end, and nothing is told twice', () => {
    const reader = new Reader();
    reader.read(1_000, crash(1, 0, { captured: true }), capture(1, 0, 'TypeError'));
    const day = 24 * 60 * MINUTE;
    assert.deepEqual(told(reader.read(day, crash(2, day - 1_000))), ['recovered TypeError in f: 1']);
  });

  test('whatever comes in whatever order, and however the clock jumps: one message of each kind an episode', () => {
    const news = fc.record({
      number: fc.integer({ min: 1, max: 8 }),
      afterMs: fc.integer({ min: -MINUTE, max: 3 * 60 * MINUTE }),
      code: fc.integer({ min: 1, max: 3 }),
      what: fc.constantFrom('crash', 'captured', 'capture'),
      cause: fc.constantFrom('TypeError', 'RangeError'),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 4 * 60 * MINUTE }), fc.array(news))),
        (looks) => {
          const reader = new Reader();
          const seen = new Set<string>();
          for (const [nowMs, each] of looks) {
            const given = each.map(({ number, afterMs, code, what, cause }) =>
              what === 'capture'
                ? capture(number, afterMs, cause)
                : crash(number, afterMs, { status: { type: 'code', code }, captured: what === 'captured' }),
            );
            const { tellings, episodes } = reader.read(nowMs, ...given);
            for (const { notification, local } of tellings) {
              const id = `${local.episode.id}.${notification.kind}`;
              assert.ok(!seen.has(id), id);
              seen.add(id);
            }
            assert.ok(episodes.every(({ episode }) => episode.crashes >= 0 && episode.closedAtMs === null));
          }
        },
      ),
    );
  });
});
