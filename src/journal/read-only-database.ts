import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { CrashmonError } from '../model/crashmon-error.ts';
import { closeQuietly } from './open-database.ts';

/** Even a second one is rare: while a process has the journal open, there is a log, and with a log SQLite locks. */
const TRIES = 10;

type Opened = { database: DatabaseSync; isUnchanged: () => boolean };

/**
 * A journal's file that is only read, and beside which no file is created. Without a log no process has it open, so it
 * is read without locks. A process that opens and closes it meanwhile writes to it: what was read then, and damage that
 * was seen then, can be wrong. So it is opened and read again.
 */
export class ReadOnlyDatabase {
  readonly #path: string;
  readonly #timeoutMs: number;
  #opened: Opened | null = null;

  constructor(path: string, timeoutMs: number) {
    this.#path = path;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Can call `operation` several times, with other connections.
   * @throws CrashmonError STATE_DIR_UNUSABLE if the file changed each time; the errors of SQLite and of `operation`
   */
  read<Result>(operation: (database: DatabaseSync) => Result): Result {
    for (let tries = 0; tries < TRIES; tries++) {
      this.#opened ??= open(this.#path, this.#timeoutMs);
      const { database, isUnchanged } = this.#opened;
      try {
        const result = operation(database);
        if (isUnchanged()) return result;
      } catch (error) {
        if (isUnchanged()) throw error;
      }
      this.close();
    }
    const message = `Cannot use ${this.#path}: other processes changed it while it was read: try again.`;
    throw new CrashmonError('STATE_DIR_UNUSABLE', message);
  }

  /** A later `read` would open it again. */
  close(): void {
    if (this.#opened !== null) closeQuietly(this.#opened.database);
    this.#opened = null;
  }
}

function open(path: string, timeout: number): Opened {
  // This must come before the check for a log: a write between the two is then seen as a change.
  const before = stateOf(path);
  const log = `${path}-wal`;
  if (existsSync(log)) {
    const database = new DatabaseSync(path, { readOnly: true, timeout });
    return { database, isUnchanged: () => existsSync(log) };
  }
  // An ordinary reader would create a log and an index.
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  const database = new DatabaseSync(url, { readOnly: true, timeout });
  return { database, isUnchanged: () => !existsSync(log) && stateOf(path) === before };
}

/** Every write changes it. */
function stateOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : [stats.ino, stats.size, stats.ctimeNs].join();
}
