import { join } from 'node:path';

/** Where `scripts/build-exit-watch.sh` puts the helper for this machine. It may not be there. */
export function helperPath(): string {
  return join(import.meta.dirname, 'built', `watch-${process.arch}`);
}
