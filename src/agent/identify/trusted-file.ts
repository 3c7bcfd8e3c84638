import { lstatSync } from 'node:fs';
import type { Locate } from '../../symbols/locate.ts';
import { readRegularFile } from '../../symbols/regular-file.ts';

const ROOT = 0;
const WORLD_WRITABLE = 0o002;

export type Trusted = {
  /** Users, besides root, whose files and links count. */
  owners: readonly number[];
  /** Where a file is; its links are followed there. */
  locate: Locate;
};

/**
 * Text of a file that crashmon acts on before the worker starts. null if it does not exist, is not a regular file, is too
 * long, or if another user could have written it.
 */
export function readTrustedFile(path: string, maxBytes: number, { owners, locate }: Trusted): string | null {
  const place = locate(path);
  const isTrusted = (uid: number) => uid === ROOT || owners.includes(uid);
  const link = lstatSync(place, { throwIfNoEntry: false });
  if (link === undefined || !isTrusted(link.uid)) return null;
  const content = readRegularFile(
    place,
    maxBytes,
    ({ uid, mode }) => isTrusted(uid) && (mode & WORLD_WRITABLE) === 0,
  );
  return 'bytes' in content ? content.bytes.toString() : null;
}
