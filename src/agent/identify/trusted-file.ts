import { lstatSync } from 'node:fs';
import { readRegularFile } from '../../symbols/regular-file.ts';

const ROOT = 0;
const WORLD_WRITABLE = 0o002;

/**
 * Text of a file that crashmon acts on before the worker starts. null if it does not exist, is not a regular file, is too
 * long, or if another user could have written it.
 * @param owners users, besides root, whose files and links count
 */
export function readTrustedFile(path: string, maxBytes: number, owners: readonly number[]): string | null {
  const isTrusted = (uid: number) => uid === ROOT || owners.includes(uid);
  const link = lstatSync(path, { throwIfNoEntry: false });
  if (link === undefined || !isTrusted(link.uid)) return null;
  const content = readRegularFile(
    path,
    maxBytes,
    ({ uid, mode }) => isTrusted(uid) && (mode & WORLD_WRITABLE) === 0,
  );
  return 'bytes' in content ? content.bytes.toString() : null;
}
