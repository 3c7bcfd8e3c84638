import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** What reading gave: the bytes, or why there are none. */
export type FileContent = { bytes: Buffer } | { problem: 'missing' | 'too-big' };

/**
 * Whole regular file of at most `maxBytes`. A name chosen by the app must not make us read a device or wait on a FIFO.
 * @param accept may refuse the very file that was opened, which then counts as missing
 */
export function readRegularFile(
  path: string,
  maxBytes: number,
  accept: (stat: Stats) => boolean = () => true,
): FileContent {
  return withRegularFile(path, (fd, stat) => {
    if (!accept(stat)) return { problem: 'missing' };
    return stat.size > maxBytes ? { problem: 'too-big' } : { bytes: readRange(fd, 0, stat.size) };
  });
}

/** The first `maxBytes` of a regular file, null where there is none that can be read. */
export function readRegularHead(path: string, maxBytes: number): Buffer | null {
  const content = withRegularFile(path, (fd, { size }) => ({
    bytes: readRange(fd, 0, Math.min(size, maxBytes)),
  }));
  return 'bytes' in content ? content.bytes : null;
}

/**
 * The end of a regular file: ever larger pieces are read until `isEnough` says so, the file is complete or the next
 * piece would be larger than `maxBytes`.
 */
export function readRegularTail(
  path: string,
  maxBytes: number,
  isEnough: (tail: Buffer) => boolean,
): FileContent {
  return withRegularFile(path, (fd, { size }) => {
    for (let length = 64 * 1024; ; length *= 8) {
      if (Math.min(length, size) > maxBytes) return { problem: 'too-big' };
      const tail = readRange(fd, Math.max(0, size - length), size);
      if (length >= size || isEnough(tail)) return { bytes: tail };
    }
  });
}

function withRegularFile(path: string, read: (fd: number, stat: Stats) => FileContent): FileContent {
  let fd: number | null = null;
  try {
    // Before the open, because opening some devices does something; after it, because the name may change hands.
    if (!statSync(path).isFile()) return { problem: 'missing' };
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stat = fstatSync(fd);
    return stat.isFile() ? read(fd, stat) : { problem: 'missing' };
  } catch {
    return { problem: 'missing' };
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** Never more than the size that was looked up: files of /proc say 0 and go on for ever. */
function readRange(fd: number, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const count = readSync(fd, bytes, filled, bytes.length - filled, start + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
