import { statfsSync } from 'node:fs';
import path from 'node:path';

/** More than a new journal and a capture take. */
const ENOUGH_BYTES = 1024 * 1024;

/** Is there room in this directory, or where it would be made? */
export function hasRoom(directory: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize >= ENOUGH_BYTES;
  } catch {
    const parent = path.dirname(directory);
    return parent !== directory && hasRoom(parent);
  }
}
