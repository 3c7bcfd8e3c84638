import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** More than a capture of JavaScript usually takes. */
const SIZE_BYTES = 64 * 1024;

/**
 * Writes as much as a capture and removes it again: a full disk still makes directories and empty files.
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
