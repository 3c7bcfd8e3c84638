import type { DatabaseSync } from 'node:sqlite';
import type { Session } from '../model/session.ts';
import { readDocument, writeDocument } from './documents.ts';
import { beginReceipts } from './receipts.ts';
import { writeBesideAgent } from './write-beside-agent.ts';

/**
 * Stores a new session, and its store among those in which dumps expire.
 * @throws CrashmonError STATE_DIR_UNUSABLE, JOURNAL_DAMAGED, JOURNAL_TOO_NEW
 */
export function writeSession(directory: string, session: Session): void {
  writeBesideAgent(directory, (database) => putSession(database, session));
}

export function putSession(database: DatabaseSync, session: Session): void {
  const stores = readDocument(database, 'dumpStores') ?? [];
  writeDocument(database, 'dumpStores', [...new Set([...stores, session.store])]);
  writeDocument(database, 'session', session);
  if (session.remote !== undefined) beginReceipts(database);
}

/** Ends the newest session. @throws as above */
export function stopSession(directory: string, stoppedAtMs: number): void {
  writeBesideAgent(directory, (database) => {
    const session = readDocument(database, 'session');
    if (session !== null) writeDocument(database, 'session', { ...session, stoppedAtMs });
  });
}
