import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { refuseNewerSchema, schemaVersion } from './migrations.ts';
import { closeQuietly, makeSureNoLink } from './open-database.ts';
import { journalFailure } from './sqlite-failure.ts';
import { writeTransaction } from './write-transaction.ts';

const BUSY_TIMEOUT_MS = 3_000;

/**
 * Writes a document that the CLI owns into the journal of an agent that may be running. Never creates, migrates or repairs a
 * journal: the agent does that.
 * @throws CrashmonError STATE_DIR_UNUSABLE, JOURNAL_DAMAGED, JOURNAL_TOO_NEW
 */
export function writeBesideAgent(directory: string, write: (database: DatabaseSync) => void): void {
  const path = join(directory, 'journal.db');
  try {
    statSync(path);
    makeSureNoLink(path);
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      database.exec('PRAGMA synchronous = NORMAL');
      refuseNewerSchema(schemaVersion(database), path);
      writeTransaction(database, () => write(database));
    } finally {
      closeQuietly(database);
    }
  } catch (error) {
    throw journalFailure(path, error);
  }
}
