import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { readCommandLine } from '../../worker/process-info.ts';

const PERMISSION = /(?:^|\s)--(?:experimental-)?permission(?=\s|=|$)/;
const OTHERS_READ = 0o004;
const OTHERS_SEARCH = 0o001;

/**
 * Can the next start of what this Node.js process runs load the probe? One that could not would not start. It must be
 * the same file in the root directory of the process, any user must be able to read it, and neither a profile of
 * AppArmor nor Node's permission model can be in the way. False, too, if that cannot be seen.
 */
export function canLoadProbe(pid: number, nodeOptions: string | null, probe: string): boolean {
  try {
    const path = realpathSync(probe);
    const ours = lstatSync(path);
    const theirs = lstatSync(`/proc/${pid}/root${path}`);
    const isSame = theirs.ino === ours.ino && theirs.dev === ours.dev && theirs.isFile();
    if (!isSame || (theirs.mode & OTHERS_READ) === 0) return false;
    for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) {
      const { mode } = lstatSync(`/proc/${pid}/root${folder}`);
      if ((mode & OTHERS_SEARCH) === 0) return false;
    }
    return !isConfined(pid) && !usesPermissions(pid, nodeOptions);
  } catch {
    return false;
  }
}

function isConfined(pid: number): boolean {
  try {
    return /\(enforce\)\s*$/.test(readFileSync(`/proc/${pid}/attr/current`, 'latin1'));
  } catch {
    // The kernel has no such module.
    return false;
  }
}

function usesPermissions(pid: number, nodeOptions: string | null): boolean {
  return [...readCommandLine(pid), nodeOptions ?? ''].some((text) => PERMISSION.test(text));
}
