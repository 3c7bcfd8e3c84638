import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sampleExit } from '../../../test/support/journal/sample-run.ts';
import type { CrashKind, ExitStatus } from '../../model/exit.ts';
import { captureUid, crashUid } from '../../privacy/publish-crash.ts';
import { followedNews, type News } from './followed-news.ts';
import { type LocalEpisode, type LocalNotification, type Reading, readNews } from './read-news.ts';

const START_MS = Date.UTC(2026, 0, 31, 12);
const MINUTE = 60_000;
const SETTINGS = { quietMs: 60 * MINUTE, stackGraceMs: 2 * MINUTE };

type Ending = { kind?: CrashKind; status?: ExitStatus; captured?: boolean };

function ended(number: number, afterMs: number, { kind = 'exception', ...more }: Ending) {
  const exit = sampleExit(number, more);
  const diedAt = { ...exit.diedAt, wallMs: START_MS + afterMs };
  return { ...exit, diedAt, verdict: { ...exit.verdict, kind } };
}

function crash(number: number, afterMs: number, more: Ending = {}): News {
  const exit = ended(number, afterMs, more);
  return { uid: crashUid(exit), version: '1.0', exit, report: null };
}

function capture(number: number, afterMs: number, cause: string, more: Ending = {}): News {
  const exit = ended(number, afterMs, { captured: true, ...more });
  const report = { json: '', signatures: [cause], title: `${cause} in f` };
  return { uid: captureUid(exit), version: '1.0', exit, report };
}

/** Reads some news at a time; what is open goes on. */
class Reader {
  #open: LocalEpisode[] = [];
  #ids = 0;
  readonly #causes = new Map<string | null, string>();

  read(afterMs: number, ...news: News[]): Reading {
    for (const { exit, report } of news) {
      if (exit !== null && report !== null) this.#causes.set(exit.id, report.signatures[0] ?? '');
    }
    const crashes = news.flatMap((each) => followedNews(each, 'web-1') ?? []);
    const reading = readNews(this.#open, crashes, {
      app: 'shop',
      nowMs: START_MS + afterMs,
      settings: SETTINGS,
      newId: () => `e${++this.#ids}`,
    });
    // As it lies in the journal.
    this.#open = JSON.parse(JSON.stringify(reading.episodes.toReversed()));
    return reading;
  }

  /** Kind, cause and number of crashes of each notification. */
  made({ notifications }: Reading): string[] {
    return notifications.map((each) => `${each.notification.kind} ${this.#shown(each)}`);
  }

  open({ episodes }: Reading): string[] {
    return episodes.map((local) => this.#shown({ local })).toSorted();
  }

  #shown({ local }: Pick<LocalNotification, 'local'>): string {
    return `${this.#causes.get(local.reportUid) ?? 'no stack'}: ${local.episode.crashes}`;
  }
}

describe('notifications of one machine', () => {
  test('a crash that is captured: its call stack, at once, with all crashes before', () => {
    const reader = new Reader();
    assert.deepEqual(reader.made(reader.read(2_000, crash(1, 0), crash(2, 500), crash(3, 1000))), []);
    const reading = reader.read(4_000, crash(4, 2_500, { captured: true }), capture(4, 2_500, 'TypeError'));
    assert.deepEqual(reader.made(reading), ['opened TypeError: 4']);
    assert.deepEqual(
      reading.notifications.map(({ local }) => [local.reportUid, local.crashUid]),
      [['000000000004', '000000000004']],
    );
  });

  test('one that is not: after the wait', () => {
    const reader = new Reader();
    assert.equal(reader.read(2_000, crash(1, 0)).wakeMs, START_MS + 2 * MINUTE);
    assert.deepEqual(reader.made(reader.read(2 * MINUTE)), ['opened no stack: 1']);
  });

  test('a call stack that came too late for the first message: with the end', () => {
    const reader = new Reader();
    assert.equal(reader.read(3 * MINUTE, crash(1, 0)).notifications.length, 1);
    reader.read(4 * MINUTE, crash(2, 4 * MINUTE, { captured: true }), capture(2, 4 * MINUTE, 'TypeError'));
    const reading = reader.read(65 * MINUTE);
    assert.deepEqual(reader.made(reading), ['recovered TypeError: 2']);
    assert.equal(reading.notifications[0]?.notification.stackIsNew, true);
  });

  test('its end, once, and the next one again', () => {
    const reader = new Reader();
    const first = reader.read(1_000, crash(1, 0, { captured: true }), capture(1, 0, 'TypeError'));
    assert.equal(first.notifications[0]?.notification.stackIsNew, true);
    const { wakeMs } = reader.read(2_000);
    assert.equal(wakeMs, START_MS + SETTINGS.quietMs);
    const end = reader.read(62 * MINUTE);
    assert.deepEqual(reader.made(end), ['recovered TypeError: 1']);
    assert.equal(end.notifications[0]?.notification.stackIsNew, false);
    assert.deepEqual(reader.made(reader.read(63 * MINUTE)), []);
    const again = reader.read(
      64 * MINUTE,
      crash(2, 63 * MINUTE, { captured: true }),
      capture(2, 63 * MINUTE, 'TypeError'),
    );
    assert.deepEqual(reader.made(again), ['opened TypeError: 1']);
  });

  test('a worker with the probe looks like one without: one cause, one message', () => {
    const reader = new Reader();
    reader.read(2_000, crash(1, 0), crash(2, 500, { kind: 'exit' }));
    const armed = crash(3, 2_500, { kind: 'rejection', captured: true });
    const reading = reader.read(4_000, armed, capture(3, 2_500, 'Error', { kind: 'rejection' }));
    assert.deepEqual(reader.made(reading), ['opened Error: 3']);
    assert.deepEqual(reader.made(reader.read(5 * MINUTE, crash(4, 4 * MINUTE))), []);
  });

  test('captures of two causes with the same exit: two messages, each crash counted once', () => {
    const reader = new Reader();
    reader.read(1_000, crash(1, 0, { captured: true }), capture(1, 0, 'TypeError'));
    const reading = reader.read(3_000, crash(2, 2_000, { captured: true }), capture(2, 2_000, 'RangeError'));
    assert.deepEqual(reader.made(reading), ['opened RangeError: 1']);
    assert.deepEqual(reader.open(reading), ['RangeError: 1', 'TypeError: 1']);
    // What cannot be distinguished counts for the cause that was captured last.
    const later = reader.read(9_000, crash(3, 8_000));
    assert.deepEqual(reader.open(later), ['RangeError: 2', 'TypeError: 1']);
  });

  test('a capture of a known cause takes its crash from an episode that had no other', () => {
    const reader = new Reader();
    reader.read(1_000, crash(1, 0, { captured: true }), capture(1, 0, 'TypeError'));
    const status = { type: 'code', code: 2 } as const;
    const reading = reader.read(
      3_000,
      crash(2, 2_000, { captured: true, status }),
      capture(2, 2_000, 'TypeError', { status }),
    );
    assert.deepEqual(reader.open(reading), ['TypeError: 2']);
    assert.deepEqual(reader.made(reader.read(5 * MINUTE)), []);
    assert.deepEqual(reader.open(reader.read(6 * MINUTE, crash(3, 6 * MINUTE, { status }))), [
      'TypeError: 3',
    ]);
  });

  test('other exits: a separate episode', () => {
    const reader = new Reader();
    const killed = { kind: 'oom-kill', status: { type: 'signal', signal: 'SIGKILL' } } as const;
    reader.read(1_000, crash(1, 0), crash(2, 0, killed));
    assert.equal(reader.read(3 * MINUTE).notifications.length, 2);
  });

  test('an exit that was not seen belongs to what crashed last', () => {
    const reader = new Reader();
    reader.read(1_000, crash(1, 0));
    assert.equal(reader.read(2_000, crash(2, 1_500, { status: { type: 'unknown' } })).episodes.length, 1);
  });

  test('crashmon was away for a day: what was reported has an end, and nothing is reported twice', () => {
    const reader = new Reader();
    reader.read(1_000, crash(1, 0, { captured: true }), capture(1, 0, 'TypeError'));
    const day = 24 * 60 * MINUTE;
    assert.deepEqual(reader.made(reader.read(day, crash(2, day - 1_000))), ['recovered TypeError: 1']);
  });

  test('news of half an hour later, read after a day, still count', () => {
    const reader = new Reader();
    reader.read(1_000, crash(1, 0, { captured: true }), capture(1, 0, 'TypeError'));
    const reading = reader.read(24 * 60 * MINUTE, crash(2, 30 * MINUTE));
    assert.deepEqual(reader.made(reading), ['recovered TypeError: 2']);
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
                ? capture(number, afterMs, cause, { status: { type: 'code', code } })
                : crash(number, afterMs, { status: { type: 'code', code }, captured: what === 'captured' }),
            );
            const { notifications, episodes } = reader.read(nowMs, ...given);
            for (const { notification, local } of notifications) {
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
