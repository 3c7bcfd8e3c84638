import { join } from 'node:path';

/** Where `scripts/build-exit-watch.sh` puts it for this machine. */
const ADDON = join(import.meta.dirname, 'built', `addon-${process.arch}.node`);

export type Addon = {
  /**
   * Gives freed memory back to the system. glibc itself gives back only what is at the end of its heap, and what a crash loop
   * took is in pieces among what lives on: up to 20 MB after 1,400 crashes. Also unmaps what was used of Node's executable at the start alone, 25 MB.
   */
  releaseMemory?: () => void;
  /** Sends systemd a sign of life without another process. Returns whether it is sent. */
  feedWatchdog?: () => boolean;
  /**
   * Locks an existing file as SQLite does, for as long as the descriptor that it returns is open; a connection that holds a lock takes
   * 100 kB. -1: another one holds it; -2: it cannot be locked.
   */
  lockFile?: (path: string) => number;
};

/** Empty where it is not built, or another C library lacks something: the agent works without it. */
export function loadAddon(): Addon {
  const addon: { exports: Addon } = { exports: {} };
  try {
    process.dlopen(addon, ADDON);
  } catch {}
  return addon.exports;
}
