import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import { codeOf } from './database-failure.ts';

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied: run the portal as its owner, or choose another --data-dir',
  EPERM: 'permission is denied: run the portal as its owner, or choose another --data-dir',
  EROFS: 'the file system is read-only: choose another --data-dir',
  ENOSPC: 'the disk is full: free some space, or choose another --data-dir',
  EDQUOT: 'the disk quota is used up: free some space, or choose another --data-dir',
  ENOTDIR: 'a part of the path is not a directory: choose another --data-dir',
  EISDIR: 'the database is a directory: choose another --data-dir',
  ENAMETOOLONG: 'the path is too long: choose a shorter --data-dir',
};

/**
 * Makes the directory and the file in it if they do not exist; only their owner has access.
 * @throws CrashmonError DATABASE_UNUSABLE
 */
export function makeDataDirectory(directory: string, file: string): void {
  try {
    makeLevels(directory);
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  } catch (error) {
    const code = codeOf(error) ?? 'unknown error';
    const advice = ADVICE[code] ?? `${code}: choose another --data-dir`;
    throw new CrashmonError('DATABASE_UNUSABLE', `Cannot use ${directory}: ${advice}.`, { cause: error });
  }
}

/** Level by level: Node's recursive mkdir never returns where no directory can be made (`/proc/x`). */
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
