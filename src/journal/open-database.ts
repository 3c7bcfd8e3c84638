import { lstatSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { CrashmonError } from '../model/crashmon-error.ts';
import { migrate } from './migrations.ts';
import { PreparedDatabase } from './prepared-database.ts';
import { makePrivateFile } from './private-directory.ts';
import { allocateIndex, makeSureOfRoom } from './small-blocks.ts';
import { isBusy } from './sqlite-failure.ts';

const OPEN_TIMEOUT_MS = 2_000;
/** How long a write can wait for another process: it delays the restart. */
const WRITE_TIMEOUT_MS = 250;
/** Checking takes about 1 ms a megabyte; damage in a bigger journal shows when it is read. */
const CHECKED_SIZE_BYTES = 16 * 1024 * 1024;

/**
 * A crash changes some bytes in each of a dozen pages, and all of these go into the log: with the usual 4 KiB it is three times as long.
 * Journals that are there keep theirs.
 */
const PAGE_BYTES = 1_024;
/** After a checkpoint the log begins anew, in the same file. */
const LOG_BYTES = 1024 * 1024;

export type DatabaseOptions = {
  /** Once so much of the log is written, a commit moves it into the database, and waits for the disk. */
  boundsLog?: boolean;
};

/** Opens the journal for the agent: creates or migrates it if needed. Throws SQLite's errors. */
export function openDatabase(path: string, { boundsLog = false }: DatabaseOptions = {}): PreparedDatabase {
  makePrivateFile(path);
  makeSureNoLink(`${path}-wal`);
  makeSureNoLink(`${path}-shm`);
  makeSureOfRoom(path);
  const database = new PreparedDatabase(path, { timeout: OPEN_TIMEOUT_MS });
  try {
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
    useWriteAheadLog(database);
    allocateIndex(path);
    // synchronous NORMAL with no automatic checkpoint: a commit appends to the log and waits for no disk. SQLite allocates 20
    // pages at once; more would be pieces among what others have allocated, and what is freed there stays with the process.
    database.exec(`
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = ${boundsLog ? LOG_BYTES / pageBytes(database) : 0};
      PRAGMA journal_size_limit = ${LOG_BYTES};
      PRAGMA cache_size = 20;
      PRAGMA temp_store = MEMORY;
      PRAGMA trusted_schema = OFF;`);
    check(database, path);
    migrate(database, path);
    database.exec(`PRAGMA busy_timeout = ${WRITE_TIMEOUT_MS}`);
    return database;
  } catch (error) {
    closeQuietly(database);
    throw error;
  }
}

function pageBytes(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA page_size').get()?.page_size);
}

export function closeQuietly(database: DatabaseSync): void {
  try {
    database.close();
  } catch {}
}

/** SQLite follows links; in a private directory one is a mistake or an attack. */
export function makeSureNoLink(path: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw new CrashmonError('STATE_DIR_UNUSABLE', `Cannot use ${path}: it is a symbolic link: remove it.`);
}

/** SQLite does not wait when two processes change the mode of a new database at once; so retry. */
function useWriteAheadLog(database: DatabaseSync): void {
  const deadline = performance.now() + OPEN_TIMEOUT_MS;
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function check(database: DatabaseSync, path: string): void {
  const { size } = lstatSync(path);
  if (size > CHECKED_SIZE_BYTES) return;
  const row = database.prepare('PRAGMA main.quick_check(1)').get();
  if (row?.quick_check === 'ok') return;
  throw new CrashmonError('JOURNAL_DAMAGED', `The journal ${path} is damaged.`);
}
