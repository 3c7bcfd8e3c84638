import { lstatSync, statSync } from 'node:fs';
import { readRegularFile } from '../../symbols/regular-file.ts';

export type SettingsText = {
  text: string;
  /** Only its owner can read it. */
  isPrivate: boolean;
};

const MAX_BYTES = 256 * 1024;
const ROOT = 0;
const WRITABLE_BY_OTHERS = 0o022;
const READABLE_BY_OTHERS = 0o044;

/**
 * The text of a settings file that no other user can have written.
 * @returns null if there is none; a problem that says what to do if it cannot be used
 */
export function readSettingsFile(path: string, uid: number): SettingsText | { problem: string } | null {
  try {
    const link = lstatSync(path, { throwIfNoEntry: false });
    if (link === undefined) return null;
    const stat = statSync(path);
    const owner = [link.uid, stat.uid].find((one) => one !== ROOT && one !== uid);
    if (!stat.isFile()) return { problem: 'it is not a regular file: write the settings into one' };
    if (owner !== undefined) return { problem: `it belongs to user ${owner}: run \`chown root ${path}\`` };
    if ((stat.mode & WRITABLE_BY_OTHERS) !== 0) {
      return { problem: `other users can write it: run \`chmod go-w ${path}\`` };
    }
    if (stat.size > MAX_BYTES)
      return { problem: `it is larger than ${MAX_BYTES / 1024} KB: remove what is no setting` };
    // Checked again on what was opened: the name can be replaced in between.
    const content = readRegularFile(
      path,
      MAX_BYTES,
      (opened) => opened.dev === stat.dev && opened.ino === stat.ino,
    );
    if (!('bytes' in content)) return { problem: `it cannot be read by user ${uid}` };
    return { text: content.bytes.toString(), isPrivate: (stat.mode & READABLE_BY_OTHERS) === 0 };
  } catch (error) {
    return { problem: `it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` };
  }
}
