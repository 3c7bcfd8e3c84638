import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { CHECKOUT } from './crashmon.ts';

/**
 * Copies what a fresh clone holds, uncommitted changes included: everything that git does not ignore.
 * @returns the clone, in a folder whose name makes quoting mistakes show
 */
export async function cloneInto(directory: string): Promise<string> {
  const clone = path.join(directory, "a clone's $HOME");
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: CHECKOUT,
    encoding: 'utf8',
  });
  const files = listed.split('\0').filter((file) => file !== '' && !/^(?:bench|test)\//.test(file));
  // Some are deleted and not committed yet.
  const there = files.filter((file) => existsSync(path.join(CHECKOUT, file)));
  await mkdir(clone);
  execFileSync('xargs', ['-0', 'cp', '-a', '--parents', '--target-directory', clone], {
    cwd: CHECKOUT,
    input: there.join('\0'),
  });
  return clone;
}

/** As after an installation from its lock file, which takes longer than most tests. */
export async function linkPackages(clone: string): Promise<void> {
  await symlink(path.join(CHECKOUT, 'node_modules'), path.join(clone, 'node_modules'));
}
