import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isPlanted } from '../formats/planted.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import { errorCode, unusable } from './unusable.ts';

/**
 * Makes `<root>/<segments…>` with mode 0700 and returns its path. The root can be a link and belong to any user, unless
 * that user has put it into a directory that all can write to; others must not be able to replace its entries. Everything below is a real directory owned by the caller.
 * @throws CrashmonError STATE_DIR_UNUSABLE
 */
export function makePrivateDirectory(root: string, ...segments: string[]): string {
  let path = root;
  try {
    makeLevels(root);
    refuseOpenRoot(root);
    for (const segment of segments) {
      path = join(path, segment);
      makeOne(path);
    }
    return path;
  } catch (error) {
    throw unusable(path, error);
  }
}

/** Level by level: Node's own recursive mkdir never returns where a directory cannot be made in (`/proc/x`). */
function makeLevels(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    const parent = dirname(path);
    if (errorCode(error) !== 'ENOENT' || parent === path || existsSync(parent)) throw error;
    makeLevels(parent);
    mkdirSync(path, { mode: 0o700 });
  }
}

/** Makes one directory 0700 in a private directory, or uses the one that is there. */
export function makeOne(path: string): void {
  // A restart waits for it, and an exception takes longer than all else here.
  if (!existsSync(path)) {
    try {
      mkdirSync(path, { mode: 0o700 });
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw unusable(path, error);
    }
  }
  const { mode, uid } = refuseLink(path);
  if (uid !== process.geteuid?.()) {
    const advice = 'run crashmon as that user, or give another --state-dir';
    throw new CrashmonError(
      'STATE_DIR_UNUSABLE',
      `Cannot use ${path}: it belongs to user ${uid}: ${advice}.`,
    );
  }
  if ((mode & 0o077) !== 0) chmodSync(path, 0o700);
}

/** Creates an empty file 0600 that must not be a planted link; leaves one that is there as it is. */
export function makePrivateFile(path: string): void {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  try {
    closeSync(openSync(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw unusable(path, error);
    refuseLink(path);
  }
}

/** The owner of it, or of a link to it, could replace what is in it while we use that. */
function refusePlantedRoot(root: string): void {
  const parent = statSync(dirname(resolve(root)));
  const planted = [lstatSync(root), statSync(root)].find((stat) =>
    isPlanted(stat, parent, process.geteuid?.()),
  );
  if (planted === undefined) return;
  const why = `user ${planted.uid} has put it into a directory that all users can write to`;
  throw new CrashmonError('STATE_DIR_UNUSABLE', `Cannot use ${root}: ${why}: give another --state-dir.`);
}

function refuseLink(path: string) {
  const stats = lstatSync(path);
  if (!stats.isSymbolicLink()) return stats;
  throw unusable(path, Object.assign(new Error('symbolic link'), { code: 'ELOOP' }));
}

function refuseOpenRoot(root: string): void {
  const { mode } = statSync(root);
  refusePlantedRoot(root);
  const anyoneMayWrite = (mode & 0o002) !== 0;
  // With the sticky bit (as on /tmp) others can add entries but cannot replace ours.
  if (!anyoneMayWrite || (mode & 0o1000) !== 0) return;
  const advice = 'it is world-writable: run chmod o-w on it, or give another --state-dir';
  throw new CrashmonError('STATE_DIR_UNUSABLE', `Cannot use ${root}: ${advice}.`);
}
