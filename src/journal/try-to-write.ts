import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** More than the usual size of a JavaScript capture. */
const SIZE_BYTES = 64 * 1024;

/**
 * Writes as much as a capture and removes it again: on a full disk directories and empty files can still be created.
 * @throws the error of the file system
 */
export function tryToWrite(directory: string): void {
  const path = join(directory, '.try-to-write');
  try {
    writeFileSync(path, Buffer.alloc(SIZE_BYTES), { mode: 0o600 });
  } finally {
    rmSync(path, { force: true });
  }
}
