import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For memory of a process: no other program can open it, and it is gone with this process. null if no directory takes it. */
export function namelessFile(): number | null {
  for (const place of ['/dev/shm', tmpdir()]) {
    let directory: string | null = null;
    try {
      directory = mkdtempSync(join(place, 'crashmon-'));
      return openSync(join(directory, 'dump'), 'wx+', 0o600);
    } catch {
      // The next place.
    } finally {
      if (directory !== null) rmSync(directory, { recursive: true, force: true });
    }
  }
  return null;
}
