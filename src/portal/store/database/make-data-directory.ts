import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { isPlanted } from '../../../formats/planted.ts';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import { codeOf } from './database-failure.ts';

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'permission denied: run the portal as its owner, or choose another --data-dir',
  EPERM: 'permission denied: run the portal as its owner, or choose another --data-dir',
  EROFS: 'the file system is read-only: choose another --data-dir',
  ENOSPC: 'the disk is full: free some space, or choose another --data-dir',
  EDQUOT: 'the disk quota is used up: free some space, or choose another --data-dir',
  ENOTDIR: 'a part of the path is not a directory: choose another --data-dir',
  EISDIR: 'the database is no regular file: choose another --data-dir',
  ENXIO: 'the database is no regular file: choose another --data-dir',
  ELOOP: 'the database is a symbolic link: choose another --data-dir',
  ENAMETOOLONG: 'the path is too long: choose a shorter --data-dir',
};

/**
 * Makes the directory and the file in it if they do not exist; only their owner has access.
 * @throws CrashmonError DATABASE_UNUSABLE
 */
export function makeDataDirectory(directory: string, file: string): void {
  try {
    makeLevels(directory);
    refusePlanted(directory);
    // SQLite opens the last two.
    for (const name of [file, `${file}-wal`, `${file}-shm`]) refusePlanted(name);
    const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
    const fd = openSync(file, O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_WRONLY, 0o600);
    try {
      if (!fstatSync(fd).isFile()) throw Object.assign(new Error('no regular file'), { code: 'EISDIR' });
      fchmodSync(fd, 0o600);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof CrashmonError) throw error;
    const code = codeOf(error) ?? 'unknown error';
    const advice = ADVICE[code] ?? `${code}: choose another --data-dir`;
    throw new CrashmonError('DATABASE_UNUSABLE', `Cannot use ${directory}: ${advice}.`, { cause: error });
  }
}

/** What another user has put into `/tmp` and the like, or a link to it: that user could read and replace the database. */
function refusePlanted(name: string): void {
  const parent = statSync(path.dirname(path.resolve(name)));
  const stats = [lstatSync(name, { throwIfNoEntry: false }), statSync(name, { throwIfNoEntry: false })];
  const planted = stats.find((stat) => stat !== undefined && isPlanted(stat, parent, process.geteuid?.()));
  if (planted === undefined) return;
  const why = `user ${planted.uid} has put it into a directory that all users can write to`;
  throw new CrashmonError('DATABASE_UNUSABLE', `Cannot use ${name}: ${why}: choose another --data-dir.`);
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
