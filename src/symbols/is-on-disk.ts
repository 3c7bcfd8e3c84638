import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Is there a file of this name, or an archive that it would be in (Yarn keeps packages in `….zip/node_modules/…`)?
 * Never throws.
 */
export function isOnDisk(path: string): boolean {
  for (let part = path; part !== dirname(part); part = dirname(part)) {
    try {
      return statSync(part).isFile();
    } catch (error) {
      // Looking on upwards makes sense only where the name itself is what is missing.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') return false;
    }
  }
  return false;
}
