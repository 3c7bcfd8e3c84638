import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { JournalReader } from './journal-reader.ts';
import { refuseNewerSchema, schemaVersion } from './migrations.ts';
import { makeSureNoLink } from './open-database.ts';
import { ReadOnlyDatabase } from './read-only-database.ts';
import { journalFailure } from './sqlite-failure.ts';
import { errorCode } from './unusable.ts';

const BUSY_TIMEOUT_MS = 1_000;

export type ReadOnlyOptions = { busyTimeoutMs?: number };

/**
 * Opens a journal for reading, whether its agent runs or not. Changes nothing; null if there is none yet.
 * @throws CrashmonError STATE_DIR_UNUSABLE, JOURNAL_DAMAGED, JOURNAL_TOO_NEW
 */
export function openJournalReadOnly(
  directory: string,
  { busyTimeoutMs = BUSY_TIMEOUT_MS }: ReadOnlyOptions = {},
): JournalReader | null {
  const path = join(directory, 'journal.db');
  try {
    if (!isThere(path)) return null;
    makeSureNoLink(path);
    const file = new ReadOnlyDatabase(path, busyTimeoutMs);
    try {
      const { database, version } = file.read((opened) => ({
        database: opened,
        version: schemaVersion(opened),
      }));
      refuseNewerSchema(version, path);
      // An older crashmon can still have it open: what its schema lacks reads as empty.
      if (version > 0) return new ReadOnlyJournal(file, database, path);
      // Its first agent is still creating it.
      file.close();
      return null;
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (error) {
    throw journalFailure(path, error);
  }
}

class ReadOnlyJournal extends JournalReader {
  readonly #file: ReadOnlyDatabase;

  constructor(file: ReadOnlyDatabase, database: DatabaseSync, path: string) {
    super(database, path);
    this.#file = file;
  }

  override close(): void {
    this.#file.close();
  }

  protected override attempt<Result>(operation: () => Result): Result {
    return super.attempt(() =>
      this.#file.read((database) => {
        if (database !== this.database) refuseNewerSchema(schemaVersion(database), this.path);
        this.database = database;
        return operation();
      }),
    );
  }
}

function isThere(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}
