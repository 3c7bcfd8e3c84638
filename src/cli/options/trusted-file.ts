import { lstatSync } from 'node:fs';
import { readRegularFile } from '../../symbols/regular-file.ts';

const ROOT = 0;
const WORLD_WRITABLE = 0o002;

/**
 * Text of a file that decides what crashmon does before the worker starts; null where there is none, or where one of
 * the other users of this machine can have put it there. A FIFO, a device or an endless file is none.
 * @param owners the users, beside root, whose files and links count
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
