import { closeSync } from 'node:fs';
import { type LockFile, lockWithSqlite } from '../journal/slot.ts';
import { loadAddon } from './addon.ts';

const HELD = -1;

/** Locks as SQLite does, in a hundredth of the memory: the agent holds the lock of each app that ever crashed. */
export const lockSmall: LockFile = (path) => {
  const { lockFile } = loadAddon();
  const descriptor = lockFile?.(path);
  if (descriptor === undefined || descriptor < HELD) return lockWithSqlite(path);
  if (descriptor === HELD) return null;
  let isReleased = false;
  return () => {
    if (isReleased) return;
    isReleased = true;
    closeSync(descriptor);
  };
};
