import { CrashmonError } from '../../../model/crashmon-error.ts';
import { SqliteFailure } from './sqlite-messages.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const SQLITE_ADVICE: Readonly<Record<number, string>> = {
  3: 'permission is denied: run the portal as the user whom the file belongs to',
  5: 'another process holds it: try again in a moment',
  6: 'another process holds it: try again in a moment',
  8: 'it cannot be written: check its permissions and the mount',
  10: 'the disk fails to read or write: check its space and health',
  11: 'it is damaged: restore a backup',
  13: 'the disk is full: free some space',
  14: 'it cannot be opened: check that the directory exists, its permissions and the space on the disk',
  26: 'it is not a database of SQLite: restore a backup, or give another data directory',
};

/** SQLSTATE of PostgreSQL, or `code` of a system error. */
const POSTGRES_ADVICE: Readonly<Record<string, string>> = {
  '28P01': 'the password is wrong: check the database URL',
  '28000': 'the user may not connect: check the database URL and pg_hba.conf',
  '3D000': 'there is no database of that name: create it',
  '42501': 'the user may not do that: grant it the right to create tables in the database',
  '53100': 'its disk is full: free some space',
  '53200': 'it is out of memory',
  '53300': 'it has too many connections: raise max_connections, or run fewer portals',
  '57014': 'it was too slow to answer: look at its load',
  '57P01': 'it was stopped: start it again',
  '57P02': 'it crashed and recovers: try again in a moment',
  '57P03': 'it is starting: try again in a moment',
  '25006': 'it is read-only: connect to the primary server',
  ECONNREFUSED: 'nothing answers there: is it running?',
  ENOTFOUND: 'the host has no address: check the database URL',
  EAI_AGAIN: 'the host has no address at the moment: check the network',
  ENOENT: 'there is no socket: is it running?',
  ETIMEDOUT: 'it does not answer: check the network',
  ECONNRESET: 'the connection was lost: is it running?',
  EPIPE: 'the connection was lost: is it running?',
  EACCES: 'permission is denied: run the portal as the user whom it belongs to',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full: free some space',
};

/**
 * The one kind of error that the store lets out. The text of the database's own error is kept as the cause and never
 * shown: it can quote what was being stored, or how to connect.
 */
export function databaseFailure(shownName: string, error: unknown): CrashmonError {
  if (error instanceof CrashmonError) return error;
  const message = `Cannot use the database ${shownName}: ${advice(error)}.`.replace('?.', '?');
  return new CrashmonError('DATABASE_UNUSABLE', message, { cause: error });
}

function advice(error: unknown): string {
  if (error instanceof SqliteFailure && error.errcode !== null) {
    return SQLITE_ADVICE[error.errcode & 0xff] ?? `SQLite gave error ${error.errcode}`;
  }
  const code = codeOf(error);
  if (code !== null) return POSTGRES_ADVICE[code] ?? `it gave error ${code}`;
  const text = error instanceof Error ? error.message : '';
  if (/removed or replaced/.test(text))
    return `${text}: put it back, or restore a backup, and start the portal`;
  if (/timeout/i.test(text)) return 'it does not answer in time: look at its load and the network';
  if (/terminated|ended|closed/i.test(text)) return 'the connection was lost: is it running?';
  return 'an unexpected error';
}

export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
