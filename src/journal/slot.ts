import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CrashmonError } from '../model/crashmon-error.ts';
import { toPathSegment } from './path-segment.ts';
import { makePrivateDirectory, makePrivateFile } from './private-directory.ts';
import { isBusy, journalFailure } from './sqlite-failure.ts';
import { unusable } from './unusable.ts';

const MAX_SLOTS = 64;
/** Each fails only where the directory was put away meanwhile. */
const ATTEMPTS = 10;

/**
 * The right to be the one agent of an app and instance. Ends with `release()` or with the process, however that ends.
 */
export type Slot = Disposable & {
  directory: string;
  /** The free name: the requested one, or `NAME~2` … `NAME~64`. */
  instance: string;
  release(): void;
};

/** Locks an existing file. Returns what releases it; null if another process or slot holds it. */
export type LockFile = (path: string) => (() => void) | null;

/**
 * Takes the first free slot of an app and instance. Never open `lock.db` elsewhere: closing any descriptor of it in
 * this process would drop the lock (POSIX record locks belong to process and file).
 * @param fitOf how well a slot that exists fits, by its directory: the best is taken first, 0 never
 * @throws CrashmonError STATE_DIR_UNUSABLE
 */
export function acquireSlot(
  stateDir: string,
  app: string,
  instance: string,
  fitOf: (directory: string) => number = () => 1,
  lockFile: LockFile = lockWithSqlite,
): Slot {
  const parent = makePrivateDirectory(stateDir, 'apps', toPathSegment(app));
  const there = namesIn(parent);
  const candidates = Array.from({ length: MAX_SLOTS }, (_, index) => {
    const name = index === 0 ? instance : `${instance}~${index + 1}`;
    const segment = toPathSegment(name);
    const known = there.has(segment);
    return { name, segment, known, fit: known ? fitOf(join(parent, segment)) : 0 };
  });
  const fitting = candidates.filter(({ fit }) => fit > 0).sort((one, other) => other.fit - one.fit);
  const fresh = candidates.filter(({ known }) => !known);
  for (const { name, segment } of [...fitting, ...fresh]) {
    const taken = take(() => makePrivateDirectory(stateDir, 'apps', toPathSegment(app), segment), lockFile);
    if (taken === null) continue;
    const { directory, release } = taken;
    // Another app can have taken it meanwhile. Also checked before the lock, which would be in the way of the slot's
    // own app.
    if (fitOf(directory) > 0) return { directory, instance: name, release, [Symbol.dispose]: release };
    release();
  }
  const message = `All ${MAX_SLOTS} slots of ${app} on ${instance} are taken: give each crashmon its own --instance.`;
  throw new CrashmonError('STATE_DIR_UNUSABLE', message);
}

/** null if another process or slot holds it. */
function take(
  makeDirectory: () => string,
  lockFile: LockFile,
): { directory: string; release: () => void } | null {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const directory = makeDirectory();
    const lock = join(directory, 'lock.db');
    makePrivateFile(lock);
    const before = fileOf(lock);
    const release = lockFile(lock);
    if (release === null) return null;
    // Unused ones are put away (`retireSlots`): then this is the lock of a file that is not there any more.
    if (before !== null && fileOf(lock) === before) return { directory, release };
    release();
  }
  return null;
}

function fileOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}

/** Did a crashmon with this state directory ever watch this app? */
export function hasSlotOf(stateDir: string, app: string): boolean {
  return existsSync(join(stateDir, 'apps', toPathSegment(app)));
}

function namesIn(directory: string): Set<string> {
  try {
    return new Set(readdirSync(directory));
  } catch (error) {
    throw unusable(directory, error);
  }
}

/** @throws CrashmonError STATE_DIR_UNUSABLE */
export function lockWithSqlite(path: string): (() => void) | null {
  let database: DatabaseSync | null = null;
  try {
    const lock = new DatabaseSync(path, { timeout: 0 });
    database = lock;
    // Nothing is ever written: the transaction only holds SQLite's file lock. Small pages: SQLite allocates 20 at once.
    lock.exec('PRAGMA page_size = 512; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return () => {
      if (lock.isOpen) lock.close();
    };
  } catch (error) {
    database?.close();
    if (isBusy(error)) return null;
    throw journalFailure(path, error);
  }
}
