import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import { codeOf } from './database-failure.ts';

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied: run the portal as the user whom it belongs to, or give another --data-dir',
  EPERM: 'permission is denied: run the portal as the user whom it belongs to, or give another --data-dir',
  EROFS: 'the file system is read-only: give another --data-dir',
  ENOSPC: 'the disk is full: free some space, or give another --data-dir',
  EDQUOT: 'the disk quota is used up: free some space, or give another --data-dir',
  ENOTDIR: 'a part of the path is not a directory: give another --data-dir',
  EISDIR: 'there is a directory where the database should be: give another --data-dir',
  ENAMETOOLONG: 'the path is too long: give a shorter --data-dir',
};

/**
 * Makes the directory, and the file in it, for their owner alone where they are not there.
 * @throws CrashmonError DATABASE_UNUSABLE
 */
export function makeDataDirectory(directory: string, file: string): void {
  try {
    makeLevels(directory);
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  } catch (error) {
    const code = codeOf(error) ?? 'unknown error';
    const advice = ADVICE[code] ?? `${code}: give another --data-dir`;
    throw new CrashmonError('DATABASE_UNUSABLE', `Cannot use ${directory}: ${advice}.`, { cause: error });
  }
}

/** Level by level: Node's own recursive mkdir never returns where a directory cannot be made in (`/proc/x`). */
function makeLevels(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return;
    const parent = path.dirname(directory);
    if (code !== 'ENOENT' || parent === directory || existsSync(parent)) throw error;
    makeLevels(parent);
    mkdirSync(directory, { mode: 0o700 });
  }
}
