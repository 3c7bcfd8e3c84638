import { CrashmonError } from '../../../model/crashmon-error.ts';
import { SqliteFailure } from './sqlite-messages.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const SQLITE_ADVICE: Readonly<Record<number, string>> = {
  3: 'permission denied: run the portal as the owner of the file',
  5: 'another process locks it: try again in a moment',
  6: 'another process locks it: try again in a moment',
  8: 'it cannot be written: check its permissions and the mount',
  10: 'a disk read or write failed: check the disk and its space',
  11: 'it is damaged: restore a backup',
  13: 'the disk is full: free some space',
  14: 'it cannot be opened: check that the directory exists, its permissions and the space on the disk',
  26: 'it is not an SQLite database: restore a backup, or choose another data directory',
};

/** Of several servers, the one that was asked last is a standby. */
export const NO_PRIMARY = 'NO_PRIMARY';

/** SQLSTATE of PostgreSQL, or `code` of a system error. */
const POSTGRES_ADVICE: Readonly<Record<string, string>> = {
  '08006': 'one of its nodes cannot be reached: is it running?',
  '28P01': 'the password is wrong: check the database URL',
  '28000': 'the user is not allowed to connect: check the database URL and pg_hba.conf',
  '3D000': 'the database does not exist: create it',
  '42501': 'the user lacks a permission: allow it to create tables in the database',
  '53100': 'its disk is full: free some space',
  '53200': 'it is out of memory',
  '53300': 'it has too many connections: raise max_connections, or run fewer portals',
  '57014': 'it took too long: check its load',
  '57P01': 'it was stopped: start it again',
  '57P02': 'it crashed and is recovering: try again in a moment',
  '57P03': 'it is starting: try again in a moment',
  '25006': 'it is read-only: connect to the primary server',
  [NO_PRIMARY]: 'none of its servers can be written: it can be a failover that is under way',
  ECONNREFUSED: 'the connection was refused: is it running?',
  ENOTFOUND: 'the host name cannot be resolved: check the database URL',
  EAI_AGAIN: 'the host name cannot be resolved at the moment: check the network',
  ENOENT: 'the socket does not exist: is it running?',
  ETIMEDOUT: 'it does not respond: check the network',
  ECONNRESET: 'the connection was lost: is it running?',
  EPIPE: 'the connection was lost: is it running?',
  EACCES: 'permission denied: run the portal as its owner',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full: free some space',
};

/**
 * The only kind of error that the store throws. The database's own error is kept as the cause, and its text is never
 * shown: it can quote stored data or the database URL.
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
  if (/timeout/i.test(text)) return 'it does not respond in time: check its load and the network';
  if (/terminated|ended|closed|not queryable/i.test(text)) return 'the connection was lost: is it running?';
  return 'an unexpected error';
}

export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
