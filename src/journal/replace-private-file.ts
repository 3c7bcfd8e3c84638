import { closeSync, constants, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { makePrivateDirectory } from './private-directory.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;

/**
 * Writes a file, 0600, whole or not at all, in a directory below the state directory that is made private. What another
 * user could have put there is neither followed nor used.
 * @throws CrashmonError STATE_DIR_UNUSABLE, or what the system says
 */
export function replacePrivateFile(path: string, text: string): void {
  const directory = dirname(path);
  makePrivateDirectory(dirname(directory), basename(directory));
  const made = `${path}.new`;
  // Of a writer that was killed.
  rmSync(made, { force: true });
  const fd = openSync(made, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
  try {
    writeFileSync(fd, text);
  } finally {
    closeSync(fd);
  }
  renameSync(made, path);
}
