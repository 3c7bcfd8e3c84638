import type { DatabaseSync } from 'node:sqlite';
import type { SessionProgress, SessionRecord } from '../model/session.ts';
import { writeDocument } from './documents.ts';

/** One more dump is kept. In a transaction. */
export function countKept(database: DatabaseSync, record: SessionRecord, crash: string): void {
  const progress = progressOf(record);
  const kept = [...new Set([...progress.kept, crash])];
  writeDocument(database, 'sessionProgress', { ...progress, kept });
}

/** In a transaction. */
export function noteRefused(
  database: DatabaseSync,
  record: SessionRecord,
  refused: NonNullable<SessionProgress['refused']>,
): void {
  writeDocument(database, 'sessionProgress', { ...progressOf(record), refused });
}

function progressOf({ session, progress }: SessionRecord): SessionProgress {
  return progress?.session === session.id ? progress : { session: session.id, kept: [], refused: null };
}
