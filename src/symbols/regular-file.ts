import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** The bytes, or why there are none. */
export type FileContent = { bytes: Buffer } | { problem: 'missing' | 'too-big' };

/**
 * Whole regular file of at most `maxBytes`. A name chosen by the app never leads to reading a device or waiting on a FIFO.
 * @param accept can refuse the opened file, which then counts as missing
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

/** The first `maxBytes` of a regular file, null if it cannot be read. */
export function readRegularHead(path: string, maxBytes: number): Buffer | null {
  const content = withRegularFile(path, (fd, { size }) => ({
    bytes: readRange(fd, 0, Math.min(size, maxBytes)),
  }));
  return 'bytes' in content ? content.bytes : null;
}

/**
 * The end of a regular file, read in growing pieces until `isEnough`, the whole file or `maxBytes`.
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
    // Before the open, because opening a device can have effects; after it, because the name can be replaced.
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

/** At most the size from stat: files in /proc report 0 and can be endless. */
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
