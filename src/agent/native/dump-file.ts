import { closeSync, constants, openSync, unlinkSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { ownDirectory } from '../../worker/own-directory.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;

/**
 * Writes a dump into a file without a name: only processes that have it open can read it, and the kernel deletes it
 * with the last of them, whatever happens to crashmon. In memory where there is room, else on the disk of the state
 * directory.
 * @param directories the first that takes it; made where it is missing
 * @returns the open file, null if no directory takes it
 */
export function writeDump(
  directories: readonly string[],
  uid: number,
  chunks: readonly Uint8Array[],
): number | null {
  for (const directory of directories) {
    let fd: number | null = null;
    try {
      ownDirectory(directory, uid);
      const path = join(directory, `dump-${process.pid}-${Math.random().toString(36).slice(2)}`);
      fd = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      // While it is empty: a dump never has a name.
      unlinkSync(path);
      writeAll(fd, chunks);
      return fd;
    } catch {
      if (fd !== null) closeSync(fd);
    }
  }
  return null;
}

/** More pieces than the kernel takes in one call (IOV_MAX). */
const MAX_PIECES = 1024;

function writeAll(fd: number, chunks: readonly Uint8Array[]): void {
  for (let at = 0; at < chunks.length; at += MAX_PIECES) {
    const pieces = chunks.slice(at, at + MAX_PIECES);
    const wanted = pieces.reduce((sum, { length }) => sum + length, 0);
    // A full file system takes a part, and fails only at the next write.
    if (writevSync(fd, pieces) !== wanted) throw new Error('no room for the dump');
  }
}
