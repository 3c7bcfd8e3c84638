import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { JournalReader } from './journal-reader.ts';
import { refuseNewerSchema, schemaVersion } from './migrations.ts';
import { closeQuietly, makeSureNoLink } from './open-database.ts';
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
    const database = open(path, busyTimeoutMs);
    try {
      const version = schemaVersion(database);
      refuseNewerSchema(version, path);
      // An older crashmon can still have it open: what its schema lacks reads as empty.
      if (version > 0) return new JournalReader(database, path);
      // Its first agent is still creating it.
      database.close();
      return null;
    } catch (error) {
      closeQuietly(database);
      throw error;
    }
  } catch (error) {
    throw journalFailure(path, error);
  }
}

function open(path: string, timeout: number): DatabaseSync {
  const options = { readOnly: true, timeout };
  // Without a log no process has the journal open, and an ordinary reader would create a log and an index beside it.
  if (existsSync(`${path}-wal`)) return new DatabaseSync(path, options);
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, options);
}

function isThere(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}
