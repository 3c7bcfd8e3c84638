import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { type JournalIdentity, readDocument, writeDocument } from './documents.ts';
import { fileTime } from './file-time.ts';
import { Journal } from './journal.ts';
import { JournalReader } from './journal-reader.ts';
import { closeQuietly, type DatabaseOptions, openDatabase } from './open-database.ts';
import { makeOne } from './private-directory.ts';
import { isDamage, journalFailure } from './sqlite-failure.ts';

const KEPT_DAMAGED = 2;

/**
 * Opens the journal in a directory whose slot the caller holds. A damaged one is set aside as
 * `journal.damaged-<time>.db` and a new one created; `problems` says so. Writes only what is missing, so an existing
 * journal can be opened, and its state read, on a full disk.
 * @throws CrashmonError STATE_DIR_UNUSABLE, JOURNAL_TOO_NEW
 */
export function openJournal(
  directory: string,
  identity: JournalIdentity,
  nowMs: number,
  options: DatabaseOptions = {},
): Journal {
  const path = join(directory, 'journal.db');
  const problems: string[] = [];
  try {
    for (const name of ['crashdumps', 'raw', 'requests']) makeOne(join(directory, name));
    try {
      return new Journal(openFor(path, identity, options), path, problems);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    const aside = setAside(directory, nowMs);
    problems.push(
      `The journal was damaged and is now ${aside}; crashmon begins a new one and counts from zero.`,
    );
    return new Journal(openFor(path, identity, options), path, problems);
  } catch (error) {
    throw journalFailure(path, error);
  }
}

function openFor(path: string, identity: JournalIdentity, options: DatabaseOptions): DatabaseSync {
  const database = openDatabase(path, options);
  try {
    const known = readDocument(database, 'identity');
    if (known?.app !== identity.app || known.instance !== identity.instance) {
      writeDocument(database, 'identity', identity);
    }
    readOnce(new JournalReader(database, path));
    database.forget();
    return database;
  } catch (error) {
    closeQuietly(database);
    throw error;
  }
}

/** Damage that the check of the file cannot see (wrong tables or documents) shows here. */
function readOnce(reader: JournalReader): void {
  reader.settings();
  reader.policyState();
  reader.agent();
  reader.openRuns();
  reader.exits({ limit: 10 });
}

function setAside(directory: string, nowMs: number): string {
  const aside = join(directory, `journal.damaged-${fileTime(nowMs)}.db`);
  renameSync(join(directory, 'journal.db'), aside);
  // Without its log the file would lack the newest part.
  renameIfThere(join(directory, 'journal.db-wal'), `${aside}-wal`);
  rmSync(join(directory, 'journal.db-shm'), { force: true });
  const damaged = readdirSync(directory).filter((name) => /^journal\.damaged-[^/]*\.db$/.test(name));
  for (const name of damaged.sort().slice(0, -KEPT_DAMAGED)) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(directory, name + suffix), { force: true });
  }
  return aside;
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {}
}
