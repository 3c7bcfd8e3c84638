import { fingerprint } from '../formats/fingerprint.ts';
import { CrashmonError } from '../model/crashmon-error.ts';

/** Room for SQLite's and our own suffixes below the 255 bytes of a file name. */
const MAX_BYTES = 100;

/**
 * The directory name of an app or instance: everything but `[A-Za-z0-9._-]` is percent-encoded, so that no name can
 * leave its directory. Names that get too long are cut and end in `~` and a hash; those cannot be read back.
 * @throws CrashmonError BAD_OPTION for an empty name
 */
export function toPathSegment(name: string): string {
  if (name === '') throw new CrashmonError('BAD_OPTION', 'The name of an app or instance must not be empty.');
  if (name === '.' || name === '..') return name.replaceAll('.', '%2E');
  const encoded = name.replace(/[^A-Za-z0-9._-]/gu, percentEncode);
  if (encoded.length <= MAX_BYTES) return encoded;
  const hash = fingerprint(name);
  return `${encoded.slice(0, MAX_BYTES - hash.length - 1)}~${hash}`;
}

/** The name behind a directory name; a name that was cut, or that we did not make, comes back as it is. */
export function fromPathSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function percentEncode(character: string): string {
  return [...Buffer.from(character)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
