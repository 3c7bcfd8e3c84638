import assert from 'node:assert/strict';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { readAll, runWithMount, startProgram } from '../../test/support/journal/run-program.ts';
import { NOON_MS, sampleExit, sampleRun, stateWith } from '../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import { rounds } from '../../test/support/rounds.ts';
import { seededRandom } from '../../test/support/seed.ts';
import { joinJournal } from './join-journal.ts';
import { openJournal } from './open-journal.ts';
import { openJournalReadOnly } from './open-journal-read-only.ts';
import { acquireSlot } from './slot.ts';
import { writeManualOverride } from './write-manual-override.ts';

const random = seededRandom();

const IDENTITY = { app: 'shop', instance: 'web-1' };

test('kill -9 of the writer at any point loses and doubles nothing', async () => {
  using stateDir = temporaryDirectory();
  const cutOff = new Set<number>();
  let next = 1;
  for (let round = 0; round < rounds(2); round++) {
    const acknowledged = await killAfter(stateDir.path, next, 1 + Math.floor(random() * 40));
    using slot = acquireSlot(stateDir.path, 'shop', 'web-1');
    assert.equal(slot.instance, 'web-1', 'the lock died with its process');
    using journal = openJournal(slot.directory, IDENTITY, NOON_MS);
    assert.deepEqual(journal.problems, []);
    const numbers = journal.exits({ limit: 100_000 }).map(({ id }) => Number.parseInt(id, 16));
    const last = numbers[0] ?? 0;
    assert.ok(last >= acknowledged, `exit ${acknowledged} was acknowledged, the last one stored is ${last}`);
    assert.deepEqual(
      numbers,
      Array.from({ length: last }, (_, index) => last - index),
    );
    assert.equal(journal.policyState().crashes.length, last, 'exit and policy state agree');
    const open = journal.openRuns();
    assert.ok(open.length <= 1);
    // The last one of a round may have died before its report was stored.
    cutOff.add(last);
    for (const number of numbers.filter((value) => value % 3 === 0 && !cutOff.has(value))) {
      assert.notEqual(journal.report(sampleRun(number).id), null);
    }
    next = last + 1;
  }
});

test('several processes make one journal at once and all write to it', async () => {
  using directory = temporaryDirectory();
  const writers = [1_000, 2_000, 3_000].map((first) =>
    startProgram('joining-writer', [directory.path, String(first)]),
  );
  await Promise.all(writers.map(readAll));
  assert.deepEqual(
    writers.map(({ exitCode }) => exitCode),
    [0, 0, 0],
  );
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  assert.deepEqual(journal.problems, []);
  assert.equal(journal.exits({ limit: 1_000 }).length, 150);
});

test('a full disk is an error of ours while writing, keeps what is stored readable, and is recovered from', async () => {
  using mountPoint = temporaryDirectory();
  const answers = JSON.parse(await runWithMount(mountPoint.path, 'size=600k', 'full-disk'));
  assert.match(answers.writeError, /^STATE_DIR_UNUSABLE .*(full|space)/);
  assert.match(answers.logError, /^STATE_DIR_UNUSABLE .*the disk is full/);
  assert.match(answers.freshError, /^STATE_DIR_UNUSABLE /);
  assert.doesNotMatch(`${answers.checkpointError} ${answers.reopenError}`, /not ours/);
  assert.deepEqual([answers.readable, answers.agrees, answers.recovered], [true, true, true]);
});

test('a read-only state directory is refused in one line that says what to do', async () => {
  using mountPoint = temporaryDirectory();
  const answer = JSON.parse(await runWithMount(mountPoint.path, 'size=100k,ro', 'read-only-disk'));
  assert.match(answer.text, /^STATE_DIR_UNUSABLE Cannot use .*read-only: give another --state-dir\.$/);
  assert.equal(answer.journals, 0);
});

for (const [damage, inflict] of Object.entries({
  'no database at all': (path: string) => writeFileSync(path, 'this is no database\n'.repeat(500)),
  'overwritten pages': (path: string) => {
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.fill(0x5a, 4_096));
  },
  'a lost end': (path: string) => truncateSync(path, 10_000),
  'a lost table': (path: string) => {
    using database = new DatabaseSync(path);
    database.exec('DROP TABLE documents');
  },
  'a document that is not JSON': (path: string) => {
    using database = new DatabaseSync(path);
    database.exec("UPDATE documents SET document = '{' WHERE name = 'policy'");
  },
})) {
  test(`a journal with ${damage} is set aside, with a problem that says so`, () => {
    using directory = temporaryDirectory();
    const path = join(directory.path, 'journal.db');
    for (let minute = 0; minute < 3; minute++) {
      writeOneExit(directory.path);
      inflict(path);
      using journal = openJournal(directory.path, IDENTITY, NOON_MS + minute * 60_000);
      assert.match(journal.problems.join(), /damaged and is now .*journal\.damaged-2026/);
      assert.deepEqual(journal.exits({ limit: 1 }), []);
      journal.recordExit(sampleExit(1), stateWith(1));
    }
    const kept = readdirSync(directory.path).filter((name) => name.endsWith('.db') && name !== 'journal.db');
    assert.deepEqual(kept.sort(), [
      'journal.damaged-20260131T120100.000Z.db',
      'journal.damaged-20260131T120200.000Z.db',
    ]);
  });
}

test('reading or joining a damaged journal fails and changes nothing', () => {
  using directory = temporaryDirectory();
  writeFileSync(join(directory.path, 'journal.db'), 'this is no database\n'.repeat(500));
  assert.throws(() => openJournalReadOnly(directory.path), { code: 'JOURNAL_DAMAGED' });
  assert.throws(() => writeManualOverride(directory.path, 'armed', NOON_MS), { code: 'JOURNAL_DAMAGED' });
  assert.throws(() => joinJournal(directory.path), { code: 'JOURNAL_DAMAGED' });
  assert.deepEqual(readdirSync(directory.path), ['journal.db']);
});

test('a reader of a journal at rest leaves no file behind', () => {
  using directory = temporaryDirectory();
  writeOneExit(directory.path);
  const before = readdirSync(directory.path);
  const { mtimeMs } = statSync(join(directory.path, 'journal.db'));
  {
    using reader = openJournalReadOnly(directory.path);
    assert.equal(reader?.exits({ limit: 1 }).length, 1);
  }
  assert.deepEqual(readdirSync(directory.path), before);
  assert.equal(statSync(join(directory.path, 'journal.db')).mtimeMs, mtimeMs);
});

test('a journal of a newer crashmon is refused by all and kept', () => {
  using directory = temporaryDirectory();
  writeOneExit(directory.path);
  {
    using database = new DatabaseSync(join(directory.path, 'journal.db'));
    database.exec('PRAGMA user_version = 99');
  }
  const tooNew = { code: 'JOURNAL_TOO_NEW', message: /schema 99\): update this one/ };
  assert.throws(() => openJournal(directory.path, IDENTITY, NOON_MS), tooNew);
  assert.throws(() => openJournalReadOnly(directory.path), tooNew);
  assert.throws(() => writeManualOverride(directory.path, 'armed', NOON_MS), tooNew);
  assert.deepEqual(
    readdirSync(directory.path).filter((name) => name.includes('damaged')),
    [],
  );
});

test('links planted in place of the files are not followed', () => {
  using directory = temporaryDirectory();
  using elsewhere = temporaryDirectory();
  const target = join(elsewhere.path, 'target');
  writeFileSync(target, '');
  for (const name of ['journal.db', 'journal.db-wal', 'crashdumps']) {
    const own = join(directory.path, name.replace('.', '-'));
    mkdirSync(own, { mode: 0o700 });
    symlinkSync(name === 'crashdumps' ? elsewhere.path : target, join(own, name));
    assert.throws(() => openJournal(own, IDENTITY, NOON_MS), {
      code: 'STATE_DIR_UNUSABLE',
      message: /symbolic link/,
    });
  }
  assert.equal(readFileSync(target, 'utf8'), '');
});

function writeOneExit(directory: string): void {
  using journal = openJournal(directory, IDENTITY, NOON_MS);
  journal.recordExit(sampleExit(1), stateWith(1));
  journal.savePolicyState(stateWith(1));
}

/** @returns the last number that the writer said it had stored before it was killed after about `count` of them */
async function killAfter(stateDir: string, first: number, count: number): Promise<number> {
  const writer = startProgram('endless-writer', [stateDir, String(first)]);
  const ended = new Promise((resolve, reject) => writer.once('close', resolve).once('error', reject));
  let output = '';
  writer.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    if (output.split('\n').length > count) writer.kill('SIGKILL');
  });
  await ended;
  assert.equal(writer.signalCode, 'SIGKILL');
  return Number(output.split('\n').at(-2));
}
