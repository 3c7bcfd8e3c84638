import { lstatSync, mkdirSync } from 'node:fs';

/** A user's own directory in memory, for what must not wait for a disk or stay on one. */
export function memoryDirectory(uid: number): string {
  return `/dev/shm/crashmon-${uid}`;
}

/**
 * Makes a directory, 0700, where there is none. `/dev/shm` is open to all: a directory of another user, or a link, is
 * refused.
 * @throws where it cannot be private
 */
export function ownDirectory(path: string, uid: number): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const stat = lstatSync(path);
  if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) {
    throw new Error(`${path} is not a private directory of ours`);
  }
}
