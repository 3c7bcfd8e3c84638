import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import {
  at,
  NOON_MS,
  sampleExit,
  sampleReport,
  sampleRun,
  stateWith,
} from '../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import { writeDocument } from './documents.ts';
import { joinJournal } from './join-journal.ts';
import { Journal } from './journal.ts';
import { openDatabase } from './open-database.ts';
import { openJournal } from './open-journal.ts';
import { openJournalReadOnly } from './open-journal-read-only.ts';
import { writeManualOverride } from './write-manual-override.ts';

const IDENTITY = { app: 'shop', instance: 'web-1' };

test('a run goes from intent to exit and is remembered by the next opener', () => {
  using directory = temporaryDirectory();
  {
    using journal = openJournal(directory.path, IDENTITY, NOON_MS);
    journal.recordIntent(sampleRun(1));
    journal.recordStarted(sampleRun(1).id, 42, 777);
    assert.deepEqual(journal.openRuns(), [sampleRun(1, { pid: 42, pidStartTicks: 777 })]);
    journal.recordExit(sampleExit(1, { pid: 42, pidStartTicks: 777 }), stateWith(1));
    journal.recordIntent(sampleRun(2));
  }
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const expected = {
    ...sampleExit(1, { pid: 42, pidStartTicks: 777 }),
    reported: false,
    analysisProblem: null,
  };
  assert.deepEqual(journal.exits({ limit: 10 }), [expected]);
  assert.deepEqual(journal.openRuns(), [sampleRun(2)]);
  assert.deepEqual(journal.policyState(), stateWith(1));
  assert.deepEqual(journal.identity(), IDENTITY);
});

test('a run that never came to be is forgotten, one that ended is not', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.recordIntent(sampleRun(1));
  journal.recordExit(sampleExit(2), stateWith(1));
  journal.forgetIntent(sampleRun(1).id);
  journal.forgetIntent(sampleRun(2).id);
  assert.deepEqual(journal.openRuns(), []);
  assert.equal(journal.exits({ limit: 5 }).length, 1);
});

test('an exit whose start could not be stored is stored whole, and storing twice is storing once', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.recordExit(sampleExit(1), stateWith(1));
  journal.recordExit(sampleExit(1), stateWith(1));
  assert.equal(journal.exits({ limit: 10 }).length, 1);
});

test('a report is stored once, and neither a repeated exit nor a late failure takes it back', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const exit = sampleExit(1, { armed: true, captured: true });
  assert.equal(journal.saveReport(exit.id, sampleReport(exit.id)), false);
  journal.recordExit(exit, stateWith(1));
  assert.equal(journal.newestReported(), null);
  journal.markAnalysisFailed(exit.id, 'analysis-timed-out');
  assert.deepEqual(journal.exits({ limit: 1 })[0]?.analysisProblem, { code: 'analysis-timed-out' });
  assert.equal(journal.saveReport(exit.id, sampleReport(exit.id)), true);
  assert.equal(journal.groupOf(exit.id), null);
  const group = { signatures: ['v1:0000000000000001', 'v1:0000000000000002'], title: 'TypeError in pay' };
  assert.equal(journal.saveReport(exit.id, sampleReport(exit.id), { group }), true);
  assert.deepEqual(journal.groupOf(exit.id), { values: group.signatures, title: group.title });
  journal.markAnalysisFailed(exit.id, 'analysis-failed');
  journal.recordExit({ ...exit, captured: false }, stateWith(1));
  assert.deepEqual(JSON.parse(journal.report(exit.id) ?? ''), sampleReport(exit.id));
  assert.deepEqual(journal.newestReported(), { ...exit, reported: true, analysisProblem: null });
});

test('last words change the verdict of an exit, which stays uncaptured, and a repeated exit does not change it back', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const exit = sampleExit(1, { captured: false });
  journal.recordExit(exit, stateWith(1));
  const reason = { code: 'likely-exception', runtime: 'python' } as const;
  const verdict = { counted: true, suspected: false, kind: 'exception', reason } as const;
  assert.ok(journal.saveReport(exit.id, sampleReport(exit.id), { verdict }));
  journal.recordExit(exit, stateWith(1));
  const read = { ...exit, verdict, captured: false, reported: true, analysisProblem: null };
  assert.deepEqual(journal.newestReported(), read);
});

test('what a person sets from another process is not overwritten by the agent', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  writeManualOverride(directory.path, 'disarmed', NOON_MS);
  journal.recordExit(sampleExit(1), { ...stateWith(1), manual: 'armed' });
  journal.savePolicyState({ ...stateWith(2), manual: null });
  assert.equal(journal.manualOverride(), 'disarmed');
  assert.deepEqual(journal.policyState(), { ...stateWith(2), manual: 'disarmed' });
});

test('a capture uses up the arming that was asked for before the crash, not one asked for since', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const crash = sampleExit(1, { captured: true });
  writeManualOverride(directory.path, 'armed', crash.diedAt.wallMs + 1);
  journal.recordExit(crash, stateWith(1));
  assert.equal(journal.manualOverride(), 'armed');
  writeManualOverride(directory.path, 'armed', crash.diedAt.wallMs - 1);
  journal.recordExit({ ...crash, captured: false }, stateWith(1));
  assert.equal(journal.manualOverride(), 'armed');
  journal.recordExit(crash, stateWith(1));
  assert.equal(journal.manualOverride(), null);
});

test('the oldest exits go in small steps, with their reports', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.recordExit(sampleExit(1), stateWith(0));
  journal.saveReport(sampleExit(1).id, sampleReport(sampleExit(1).id));
  fillWithExits(directory.path, 10_249);
  journal.recordIntent(sampleRun(20_000));
  journal.checkpoint();
  assert.equal(journal.exits({ limit: 20_000 }).length, 10_049);
  assert.equal(journal.report(sampleExit(1).id), null);
  journal.recordStarted(sampleRun(20_000).id, 1, 1);
  journal.checkpoint();
  assert.equal(journal.exits({ limit: 20_000 }).length, 9_999);
  assert.equal(journal.openRuns().length, 1);
});

test('reports take so much space and no more: the oldest exits go that were not captured', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const text = 'x'.repeat(60_000);
  const exits = Array.from({ length: 200 }, (_, number) => sampleExit(number, { captured: number === 3 }));
  for (const exit of exits) {
    journal.recordExit(exit, stateWith(1));
    const verdict = exit.captured ? {} : { verdict: exit.verdict };
    journal.saveReport(exit.id, sampleReport(exit.id, { text }), verdict);
  }
  journal.checkpoint();
  const kept = journal.exits({ limit: 1_000 }).toReversed();
  assert.equal(
    kept.length,
    Math.floor((8 * 1024 * 1024) / JSON.stringify(sampleReport('0', { text })).length),
  );
  assert.deepEqual(
    kept.map(({ id }) => id),
    [exits[3], ...exits.slice(1 - kept.length)].map((exit) => exit?.id),
  );
});

test('10,000 exits are kept, however often each was stored', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.recordExit(sampleExit(1), stateWith(0));
  fillWithExits(directory.path, 9_000);
  for (let number = 20_000; number < 20_400; number++) {
    journal.recordIntent(sampleRun(number));
    for (let times = 0; times < 5; times++) journal.recordIntent(sampleRun(number, { pid: 1 }));
    journal.recordExit(sampleExit(number), stateWith(1));
  }
  journal.checkpoint();
  assert.equal(journal.exits({ limit: 20_000 }).length, 9_400);
});

test('exits that come faster than they are pruned do not stay', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.recordExit(sampleExit(1), stateWith(1));
  fillWithExits(directory.path, 10_000);
  journal.checkpoint();
  for (let number = 0; number < 400; number++) journal.recordExit(sampleExit(20_000 + number), stateWith(1));
  journal.checkpoint();
  assert.equal(journal.exits({ limit: 20_000 }).length, 10_000);
});

test('ids are found by their beginning', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  for (const number of [0xabcd00000001, 0xabcd00000002, 0xef0000000000]) {
    journal.recordExit(sampleExit(0, { id: number.toString(16) }), stateWith(0));
  }
  assert.deepEqual(
    journal.exitsByPrefix('abcd').map(({ id }) => id),
    ['abcd00000002', 'abcd00000001'],
  );
  assert.equal(journal.exitsByPrefix('ef00').length, 1);
  assert.equal(journal.exitsByPrefix('0000').length, 0);
});

test('a reader sees what the agent stores while the agent has the journal open', () => {
  using directory = temporaryDirectory();
  assert.equal(openJournalReadOnly(directory.path), null);
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  using reader = openJournalReadOnly(directory.path);
  assert.deepEqual(reader?.exits({ limit: 1 }), []);
  journal.recordExit(sampleExit(1), stateWith(1));
  assert.equal(reader?.exits({ limit: 1 }).length, 1);
  journal.checkpoint();
  journal.recordExit(sampleExit(2), stateWith(2));
  assert.equal(reader?.exits({ limit: 5 }).length, 2);
});

test('a process beside the agent adds its report, and the agent goes on', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const exit = sampleExit(1, { captured: true });
  journal.recordExit(exit, stateWith(1));
  {
    using beside = joinJournal(directory.path);
    assert.equal(beside.saveReport(exit.id, sampleReport(exit.id)), true);
  }
  journal.recordExit(sampleExit(2), stateWith(2));
  journal.checkpoint();
  assert.deepEqual(
    journal.exits({ limit: 5 }).map(({ reported }) => reported),
    [false, true],
  );
});

test('a method that fails throws our error and leaves nothing half written', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.recordExit(sampleExit(1), stateWith(1));
  using other = openDatabase(`${directory.path}/journal.db`);
  other.exec('BEGIN IMMEDIATE');
  assert.throws(() => journal.recordExit(sampleExit(2), stateWith(2)), { code: 'STATE_DIR_UNUSABLE' });
  other.exec('ROLLBACK');
  assert.deepEqual(journal.policyState(), stateWith(1));
  journal.recordExit(sampleExit(2), stateWith(2));
  assert.deepEqual(journal.policyState(), stateWith(2));
});

test('an exit writes little after a thousand crashes, too', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const times = Array.from({ length: 1_100 }, (_, index) => at(index * 60_000 + (index % 7)));
  const record = (number: number) =>
    journal.recordExit(sampleExit(number), { ...stateWith(0), crashes: times.slice(number, number + 1_000) });
  record(0);
  const log = `${directory.path}/journal.db-wal`;
  const before = statSync(log).size;
  for (let number = 1; number <= 50; number++) record(number);
  assert.ok((statSync(log).size - before) / 50 < 25_000);
});

test('crashes that an older crashmon remembered count', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  using database = openDatabase(`${directory.path}/journal.db`);
  const { crashes, lastCapture, noCapture } = stateWith(3);
  writeDocument(database, 'policy', { crashes, lastCapture, noCapture });
  assert.deepEqual(journal.policyState(), stateWith(3));
});

/** Makes exits 2 … `last` in one transaction. */
function fillWithExits(directory: string, last: number): void {
  using database = openDatabase(`${directory}/journal.db`);
  const path = `${directory}/journal.db`;
  database.exec('PRAGMA synchronous = OFF');
  database
    .prepare(
      `WITH RECURSIVE number (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
       INSERT INTO runs (id, started, armed, command_hash, died, status, verdict, crashes_in_window)
       SELECT printf('%012x', n), started, armed, command_hash, died, status, verdict, crashes_in_window
       FROM number, (SELECT * FROM runs LIMIT 1)`,
    )
    .run(last);
  assert.equal(new Journal(database, path, []).exits({ limit: 20_000 }).length, last);
}

test('exits are in the order of their ends, also where a worker below a master ended before it', () => {
  using directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  const process = { role: 'worker', pid: 4711, name: 'gunicorn' } as const;
  journal.recordIntent(sampleRun(1));
  const worker = sampleExit(2, { process, replacedAfterMs: 300 });
  journal.recordExit(worker, stateWith(1));
  assert.equal(journal.lastMainExit(), null);
  journal.recordExit(sampleExit(1), stateWith(2));
  journal.recordIntent(sampleRun(3));
  journal.recordStarted(sampleRun(3).id, 43, 778);
  const [newest, before] = journal.exits({ limit: 5 });
  assert.equal(newest?.id, sampleRun(1).id);
  assert.deepEqual(before, { ...worker, reported: false, analysisProblem: null });
  assert.equal(journal.lastMainExit()?.id, sampleRun(1).id);
  assert.deepEqual(journal.nextStart(sampleRun(1).id), sampleRun(3).startedAt);
});
