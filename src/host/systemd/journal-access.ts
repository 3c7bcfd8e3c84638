import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What of the journal this user can read: `own` is what the user's own processes print. */
export type JournalAccess = 'all' | 'own' | 'none';

/**
 * By the permissions of journald's files: journalctl does not fail for what it must not read. It splits the journal by user
 * (journald.conf(5), SplitMode=).
 * @param root where the file system is
 */
export function journalAccess(uid: number, root = '/'): JournalAccess {
  // It owns the files.
  if (uid === 0) return 'all';
  const parents = ['var/log/journal', 'run/log/journal'].map((name) => join(root, name));
  // Without any, journalctl says itself what is wrong.
  if (!parents.some((parent) => existsSync(parent))) return 'all';
  const has = (name: string) => parents.some((parent) => isReadable(join(parent, machineId(root), name)));
  if (has('system.journal')) return 'all';
  return has(`user-${uid}.journal`) ? 'own' : 'none';
}

function machineId(root: string): string {
  try {
    return readFileSync(join(root, 'etc/machine-id'), 'latin1').trim();
  } catch {
    return '';
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
