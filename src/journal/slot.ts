import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CrashmonError } from '../model/crashmon-error.ts';
import { toPathSegment } from './path-segment.ts';
import { makePrivateDirectory, makePrivateFile } from './private-directory.ts';
import { isBusy, journalFailure } from './sqlite-failure.ts';

const MAX_SLOTS = 64;

/** The right to be the one agent of an app and instance. Ends with `release()` or with the process, however it dies. */
export type Slot = Disposable & {
  directory: string;
  /** The name that was free: the one asked for, or `NAME~2` … `NAME~64`. */
  instance: string;
  release(): void;
};

/**
 * Takes the first free slot of an app and instance. Nothing else may open `lock.db`: closing any descriptor of it in
 * this process would drop the lock (POSIX record locks belong to process and file).
 * @throws CrashmonError STATE_DIR_UNUSABLE
 */
export function acquireSlot(stateDir: string, app: string, instance: string): Slot {
  for (let number = 1; number <= MAX_SLOTS; number++) {
    const name = number === 1 ? instance : `${instance}~${number}`;
    const directory = makePrivateDirectory(stateDir, 'apps', toPathSegment(app), toPathSegment(name));
    const lock = tryLock(join(directory, 'lock.db'));
    if (lock === null) continue;
    const release = () => {
      if (lock.isOpen) lock.close();
    };
    return { directory, instance: name, release, [Symbol.dispose]: release };
  }
  const message = `All ${MAX_SLOTS} slots of ${app} on ${instance} are taken: give each crashmon its own --instance.`;
  throw new CrashmonError('STATE_DIR_UNUSABLE', message);
}

function tryLock(path: string): DatabaseSync | null {
  makePrivateFile(path);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    // Nothing is ever written: the transaction only holds SQLite's file lock.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    if (isBusy(error)) return null;
    throw journalFailure(path, error);
  }
}
