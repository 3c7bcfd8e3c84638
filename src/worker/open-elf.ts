import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { ReadBytes } from '../formats/elf/memory-reader.ts';

const MAX_READ_BYTES = 64 * 1024;

/** Opens a file without waiting: it can be a FIFO. @throws what open(2) fails with */
export function withFile<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** The bytes of an executable file, at most 64 KB a read; none of anything but a regular file. */
export function withElf<T>(path: string, use: (read: ReadBytes) => T): T {
  return withFile(path, (fd) => {
    const isFile = fstatSync(fd).isFile();
    return use((address, length) => {
      const bytes = Buffer.alloc(Math.min(Math.max(0, length), MAX_READ_BYTES));
      if (!isFile || address < 0n || address > BigInt(Number.MAX_SAFE_INTEGER)) return bytes.subarray(0, 0);
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, address));
    });
  });
}
