import { lstatSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CrashmonError } from '../model/crashmon-error.ts';
import { migrate } from './migrations.ts';
import { makePrivateFile } from './private-directory.ts';
import { isBusy } from './sqlite-failure.ts';

const OPEN_TIMEOUT_MS = 2_000;
/** How long a write can wait for another process: it delays the restart. */
const WRITE_TIMEOUT_MS = 250;
/** Checking takes about 1 ms a megabyte; damage in a bigger journal shows when it is read. */
const CHECKED_SIZE_BYTES = 16 * 1024 * 1024;

/** Opens the journal for the agent: creates or migrates it if needed. Throws SQLite's errors. */
export function openDatabase(path: string): DatabaseSync {
  makePrivateFile(path);
  makeSureNoLink(`${path}-wal`);
  makeSureNoLink(`${path}-shm`);
  const database = new DatabaseSync(path, { timeout: OPEN_TIMEOUT_MS });
  try {
    useWriteAheadLog(database);
    // synchronous NORMAL with no automatic checkpoint: a commit appends to the log and waits for no disk.
    database.exec(`
      PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA journal_size_limit = 1048576;
      PRAGMA cache_size = -256;
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
  const row = database.prepare('PRAGMA quick_check(1)').get();
  if (row?.quick_check === 'ok') return;
  throw new CrashmonError('JOURNAL_DAMAGED', `The journal ${path} is damaged.`);
}
