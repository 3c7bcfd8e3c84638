import { chownSync, lstatSync, mkdirSync } from 'node:fs';
import { CrashmonError } from '../model/crashmon-error.ts';

export type Owner = { uid: number; gid: number };

/**
 * Makes the directory of a store, 0700, or checks that the one that is there is private.
 * @param owner the user of the agent, which writes there
 * @throws CrashmonError DUMP_STORE_UNUSABLE
 */
export function makeStore(path: string, owner: Owner): void {
  try {
    mkdirSync(path, { mode: 0o700 });
    if (process.geteuid?.() === 0) chownSync(path, owner.uid, owner.gid);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw unusable(path, `it cannot be created (${codeOf(error)})`);
  }
  checkStore(path, owner.uid);
}

/** @throws CrashmonError DUMP_STORE_UNUSABLE */
export function checkStore(path: string, uid: number): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw unusable(path, 'it does not exist');
  if (!stat.isDirectory()) throw unusable(path, 'it is not a directory');
  if (stat.uid !== uid)
    throw unusable(path, `it belongs to user ${stat.uid}, and crashmon runs as user ${uid}`);
  if ((stat.mode & 0o077) !== 0)
    throw unusable(path, 'other users have access to it: give a directory of its own, with mode 700');
}

export function unusable(path: string, why: string): CrashmonError {
  return new CrashmonError('DUMP_STORE_UNUSABLE', `Cannot keep dumps in ${path}: ${why}.`);
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
