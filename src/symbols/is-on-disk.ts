import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { onHost } from './locate.ts';

/**
 * Is there a file of this name, or an archive that it would be in (Yarn keeps packages in `….zip/node_modules/…`)?
 * Never throws.
 */
export function isOnDisk(path: string, locate = onHost): boolean {
  for (let part = path; part !== dirname(part); part = dirname(part)) {
    try {
      return statSync(locate(part)).isFile();
    } catch (error) {
      // Continue upwards only if the name itself is missing.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') return false;
    }
  }
  return false;
}
