import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { writePreviousJournal } from '../../test/support/journal/previous-journal.ts';
import { NOON_MS, sampleExit, sampleReport, stateWith } from '../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import type { Outgoing } from '../model/public-record.ts';
import { publishCapture, publishCrash } from '../privacy/publish-crash.ts';
import { publishRecord } from '../privacy/publish-record.ts';
import { joinJournal } from './join-journal.ts';
import { migrate } from './migrations.ts';
import { openJournal } from './open-journal.ts';
import { openJournalReadOnly } from './open-journal-read-only.ts';
import {
  fillInBack,
  putLoss,
  putOutgoing,
  readTotals,
  readWaiting,
  removeDelivered,
  removeRefused,
} from './outbox.ts';

const IDENTITY = { app: 'shop', instance: 'web-1' };
const SETTINGS = { armAfter: 3, windowMs: 1, cooldownMs: 1 };
const EVERYTHING = { records: 1_000, bytes: 1_000_000_000 };
const GROUP = { signatures: [], title: 'a' };
const group = () => GROUP;

function outbox(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  migrate(database, ':memory:');
  return database;
}

function loss(number: number, count = 1): Outgoing {
  const uid = `${number.toString(16).padStart(24, '0')}-l`;
  return { version: null, records: [publishRecord({ type: 'loss', uid, atMs: number, count })] };
}

function state(number: number, type: 'state' | 'heartbeat'): Outgoing {
  const uid = `${number.toString(16).padStart(24, '0')}-${type[0]}`;
  const base = { uid, atMs: number, state: 'watching', cooldownUntilMs: null, settings: SETTINGS } as const;
  const more = { crashesInWindow: 0, restarts: 0, workerStartedAtMs: null, crashmonVersion: '1', everyMs: 1 };
  const record = publishRecord(
    type === 'state' ? { type, ...base } : { type: 'heartbeat', ...base, ...more },
  );
  return { version: '1.0', records: [record] };
}

function crash(number: number, captured: boolean): Outgoing {
  const exit = sampleExit(number, { captured });
  const record = publishCrash(exit, 1, { settings: SETTINGS, state: 'watching' }, group);
  return { version: '1.0', records: record === null ? [] : [record] };
}

test('an exit and its records are one transaction, as are a report and its capture', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const exit = sampleExit(1, { captured: true });
  journal.recordExit(exit, stateWith(1), { outgoing: crash(1, true) });
  using analysis = joinJournal(directory.path);
  const report = sampleReport(exit.id);
  const capture = { version: '2.0', records: [publishCapture(exit, report, GROUP)] };
  assert.ok(analysis.saveReport(exit.id, report, { outgoing: capture }));
  assert.equal(analysis.saveReport('ffffffffffff', report, { outgoing: loss(1) }), false);
  const waiting = journal.waiting(EVERYTHING);
  assert.deepEqual(
    waiting.map(({ version, record }) => [version, JSON.parse(record).type]),
    [
      ['1.0', 'crash'],
      ['2.0', 'capture'],
    ],
  );
  assert.deepEqual(JSON.parse(waiting[1]?.record ?? '').report, report);
  assert.ok(journal.outboxTotals().bytes > JSON.stringify(report).length);
  journal.delivered(waiting.map(({ seq }) => seq));
  using reader = openJournalReadOnly(directory.path);
  assert.deepEqual(reader?.outboxTotals(), { records: 0, bytes: 0, lost: 0 });
});

test('a record that waits is not put there twice', () => {
  using database = outbox();
  for (let again = 0; again < 3; again++) putOutgoing(database, crash(1, false), EVERYTHING);
  assert.equal(readTotals(database).records, 1);
});

test('the return of the worker is added to a crash that waits, and to no other', () => {
  using database = outbox();
  const outgoing = crash(1, false);
  putOutgoing(database, outgoing, EVERYTHING);
  const uid = outgoing.records[0]?.uid ?? '';
  assert.ok(fillInBack(database, uid, 41));
  assert.equal(readWaiting(database, EVERYTHING)[0]?.backAfterMs, 41);
  removeDelivered(database, [1]);
  assert.equal(fillInBack(database, uid, 41), false);
});

test('heartbeats make room first, then states, crashes without a stack, and captures last', () => {
  using database = outbox();
  const limits = { records: 4, bytes: 1_000_000 };
  const arrivals = [
    loss(1),
    crash(2, true),
    crash(3, false),
    crash(4, false),
    state(5, 'state'),
    state(6, 'heartbeat'),
    crash(7, true),
    crash(8, true),
  ];
  for (const outgoing of arrivals) putOutgoing(database, outgoing, limits);
  const left = readWaiting(database, EVERYTHING).map(({ record }) => JSON.parse(record));
  assert.deepEqual(
    left.map(({ type, captured }) => [type, captured]),
    [
      ['loss', undefined],
      ['crash', true],
      ['crash', true],
      ['crash', true],
    ],
  );
  assert.equal(readTotals(database).lost, 4);
  putLoss(database, (count) => loss(9, count), EVERYTHING);
  putLoss(database, (count) => loss(10, count), EVERYTHING);
  const waiting = readWaiting(database, EVERYTHING).map(({ record }) => JSON.parse(record));
  assert.deepEqual(waiting.at(-1), { type: 'loss', uid: `${'9'.padStart(24, '0')}-l`, atMs: 9, count: 4 });
  assert.equal(waiting.length, 5);
});

test('a batch is bounded by its bytes, and never empty where something waits', () => {
  using database = outbox();
  for (const number of [1, 2, 3]) putOutgoing(database, crash(number, false), EVERYTHING);
  assert.equal(readWaiting(database, { records: 10, bytes: 1 }).length, 1);
  assert.equal(readWaiting(database, { records: 2, bytes: 1_000_000 }).length, 2);
});

test('whatever comes and goes: totals agree, limits hold, and nothing vanishes uncounted', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('put' as const), kind: fc.integer({ min: 0, max: 4 }) }),
    fc.record({ do: fc.constant('take' as const), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ do: fc.constant('deliver' as const) }),
    fc.record({ do: fc.constant('refuse' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      using database = outbox();
      const limits = { records: 5, bytes: 2_000 };
      let inFlight: number[] = [];
      let [put, delivered, number] = [0, 0, 0];
      for (const next of steps) {
        number += 1;
        if (next.do === 'put') {
          const kinds = [loss(number), crash(number, true), crash(number, false)];
          putOutgoing(
            database,
            kinds[next.kind] ?? state(number, next.kind === 3 ? 'state' : 'heartbeat'),
            limits,
          );
          put += 1;
        } else if (next.do === 'take') {
          inFlight = readWaiting(database, { records: next.count, bytes: 1e9 }).map(({ seq }) => seq);
        } else {
          if (next.do === 'deliver') delivered += inFlight.length;
          (next.do === 'deliver' ? removeDelivered : removeRefused)(database, inFlight);
          inFlight = [];
        }
        const totals = readTotals(database);
        const rows = readWaiting(database, { records: 100, bytes: 1e9 });
        assert.equal(totals.records, rows.length);
        assert.equal(
          totals.bytes,
          rows.reduce((sum, { record }) => sum + Buffer.byteLength(record), 0),
        );
        assert.ok(totals.records <= limits.records && totals.bytes <= limits.bytes);
        assert.equal(put, delivered + rows.length + totals.lost);
      }
    }),
  );
});

test('a journal that an older crashmon made gets an outbox, and can be read before', () => {
  using directory = temporaryDirectory();
  const tables = ['outbox', 'outbox_totals', 'deliveries', 'notices', 'episodes', 'news'];
  const drops = tables.map((name) => `DROP TABLE ${name};`).join('');
  writePreviousJournal(directory.path, `${drops} PRAGMA user_version = 1`);
  {
    using reader = openJournalReadOnly(directory.path);
    assert.equal(reader?.exits({ limit: 5 }).length, 2);
    assert.deepEqual(reader?.outboxTotals(), { records: 0, bytes: 0, lost: 0 });
  }
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.enqueue(crash(2, false));
  assert.equal(journal.outboxTotals().records, 1);
});

test('what the previous version left in the outbox is sent as it is', () => {
  using directory = temporaryDirectory();
  writePreviousJournal(directory.path);
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const waiting = journal.waiting(EVERYTHING);
  assert.deepEqual(
    waiting.map(({ record }) => JSON.parse(record).type),
    ['crash', 'crash', 'capture'],
  );
  assert.deepEqual(
    JSON.parse(waiting[2]?.record ?? '').report,
    JSON.parse(journal.report('000000000002') ?? ''),
  );
  // An agent of that version may still run.
  using old = new DatabaseSync(`${directory.path}/journal.db`);
  old.exec("INSERT INTO outbox (uid, worth, version, record) VALUES ('x', 0, NULL, '{}')");
  journal.delivered(journal.waiting(EVERYTHING).map(({ seq }) => seq));
  assert.deepEqual(journal.outboxTotals(), { records: 0, bytes: 0, lost: 0 });
});

test('a capture whose report makes room counts as lost', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const exit = sampleExit(1, { captured: true });
  const report = sampleReport(exit.id);
  journal.recordExit(exit, stateWith(1));
  const outgoing = { version: null, records: [publishCapture(exit, report, GROUP)] };
  journal.saveReport(exit.id, report, { outgoing });
  using database = new DatabaseSync(`${directory.path}/journal.db`);
  database.exec('DELETE FROM runs');
  assert.deepEqual(journal.waiting(EVERYTHING), []);
  assert.deepEqual(journal.outboxTotals(), { records: 0, bytes: 0, lost: 1 });
});
