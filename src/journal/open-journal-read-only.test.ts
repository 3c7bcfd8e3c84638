import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { NOON_MS, sampleExit, stateWith } from '../../test/support/journal/sample-run.ts';
import { temporaryDirectory } from '../../test/support/journal/temporary-directory.ts';
import { joinJournal } from './join-journal.ts';
import { openJournal } from './open-journal.ts';
import { openJournalReadOnly } from './open-journal-read-only.ts';

const IDENTITY = { app: 'shop', instance: 'web-1' };

/** Enough for the file to grow by several pages. */
const EXITS = 200;

test('a journal that another process opens and closes while it is being opened is not damaged', (t) => {
  using directory = journalAtRest();
  const written = writeBeforeStatements(t, directory.path, 1);
  using reader = openJournalReadOnly(directory.path);
  assert.equal(reader?.exits({ limit: 10_000 }).length, 1 + EXITS);
  assert.equal(written.times(), 1);
});

test('what another process wrote after a journal was opened is read', (t) => {
  using directory = journalAtRest();
  using reader = openJournalReadOnly(directory.path);
  assert.equal(reader?.exits({ limit: 10_000 }).length, 1);
  const written = writeBeforeStatements(t, directory.path, 2);
  assert.equal(reader.exits({ limit: 10_000 }).length, 1 + 2 * EXITS);
  assert.equal(written.times(), 2);
  {
    // With a log it is read with locks.
    using journal = joinJournal(directory.path);
    assert.equal(reader.exits({ limit: 10_000 }).length, 1 + 2 * EXITS);
    journal.recordExit(sampleExit(9_999), stateWith(1));
    assert.equal(reader.exits({ limit: 10_000 }).length, 2 + 2 * EXITS);
  }
});

test('a journal that changes each time it is read is not called damaged', (t) => {
  using directory = journalAtRest();
  writeBeforeStatements(t, directory.path, Number.POSITIVE_INFINITY);
  assert.throws(() => openJournalReadOnly(directory.path), {
    code: 'STATE_DIR_UNUSABLE',
    message: /journal\.db: other processes changed it while it was read: try again\.$/,
  });
});

function journalAtRest() {
  const directory = temporaryDirectory();
  using journal = openJournal(directory.path, IDENTITY, NOON_MS);
  journal.recordExit(sampleExit(1), stateWith(1));
  return directory;
}

/** Before each of the next statements another connection opens the journal, writes and closes it. */
function writeBeforeStatements(t: TestContext, directory: string, times: number) {
  const { prepare } = DatabaseSync.prototype;
  let written = 0;
  let isWriting = false;
  t.mock.method(DatabaseSync.prototype, 'prepare', function (this: DatabaseSync, sql: string) {
    if (!isWriting && written < times) {
      isWriting = true;
      using journal = joinJournal(directory);
      const first = 2 + written * EXITS;
      for (let number = first; number < first + EXITS; number++) {
        journal.recordExit(sampleExit(number), stateWith(1));
      }
      journal.close();
      isWriting = false;
      written += 1;
    }
    return prepare.call(this, sql);
  });
  return { times: () => written };
}
