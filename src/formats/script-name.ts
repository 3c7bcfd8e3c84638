import { fileURLToPath } from 'node:url';

/**
 * The absolute path behind a script's name as V8 gives it (a path or a `file:` URL, whose query and fragment are
 * dropped), null for anything but a file: `node:…`, `eval at …`, `data:…`, relative names. Never throws.
 */
export function scriptPath(name: string | null): string | null {
  if (name === null || name.length > MAX_NAME || name.includes('\0')) return null;
  if (name.startsWith('/')) return name;
  if (!name.startsWith('file:')) return null;
  try {
    return fileURLToPath(name);
  } catch {
    return null;
  }
}

/** Longer than any path Linux can open (PATH_MAX, percent-encoded). */
const MAX_NAME = 3 * 4096;
