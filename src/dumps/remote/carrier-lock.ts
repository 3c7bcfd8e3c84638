import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../is-running.ts';

/** A process ID can be another process's by now. */
const LONGEST_HELD_MS = 2 * 60 * 60_000;

/** Is another process moving the dumps of this store? */
export function isHeld(store: string): boolean {
  try {
    const path = join(store, '.carrier');
    const isOld = Math.abs(Date.now() - statSync(path).mtimeMs) > LONGEST_HELD_MS;
    return !isOld && isRunning(Number(readFileSync(path, 'utf8')));
  } catch {
    return false;
  }
}

/** null if another process holds it. Two at once do the same work twice, and no harm. */
export function holdCarrier(store: string): Disposable | null {
  const path = join(store, '.carrier');
  if (isHeld(store)) return null;
  try {
    rmSync(path, { force: true });
    writeFileSync(path, String(process.pid), { mode: 0o600, flag: 'wx' });
  } catch {
    return null;
  }
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}
