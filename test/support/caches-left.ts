import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** What loaders and package managers name theirs. */
const CACHE = /^(?:tsx|swc-\w+|v8-compile-cache|yarn-)-\d+/;

/**
 * Names of caches in a directory that were made or written to since then. Tools write them where TMPDIR leads, and a
 * program that a test started without it to /tmp, where they stay.
 */
export function cachesLeft(directory: string, sinceMs: number): string[] {
  return readdirSync(directory).filter((name) => {
    const stat = CACHE.test(name)
      ? statSync(path.join(directory, name), { throwIfNoEntry: false })
      : undefined;
    return stat !== undefined && stat.mtimeMs >= sinceMs;
  });
}
