import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ManualOverride } from '../model/policy.ts';
import { writeDocument } from './documents.ts';
import { refuseNewerSchema, schemaVersion } from './migrations.ts';
import { closeQuietly, makeSureNoLink } from './open-database.ts';
import { journalFailure } from './sqlite-failure.ts';
import { writeTransaction } from './write-transaction.ts';

const BUSY_TIMEOUT_MS = 3_000;

/**
 * Sets or clears the operator's override, in the journal of an agent that may be running. Never creates, migrates or
 * repairs a journal: the agent does that.
 * @throws CrashmonError STATE_DIR_UNUSABLE, JOURNAL_DAMAGED, JOURNAL_TOO_NEW
 */
export function writeManualOverride(directory: string, override: ManualOverride, nowMs: number): void {
  const path = join(directory, 'journal.db');
  try {
    statSync(path);
    makeSureNoLink(path);
    const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      database.exec('PRAGMA synchronous = NORMAL');
      refuseNewerSchema(schemaVersion(database), path);
      writeTransaction(database, () => writeDocument(database, 'manual', { override, setAtMs: nowMs }));
    } finally {
      closeQuietly(database);
    }
  } catch (error) {
    throw journalFailure(path, error);
  }
}
