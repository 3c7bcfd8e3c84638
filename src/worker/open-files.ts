import { readdirSync, readlinkSync } from 'node:fs';

/**
 * Does a process other than this one have the file as its standard output or standard error? Only links are read:
 * opening what they lead to could wait for a file system that does not answer.
 */
export function isOutputElsewhere(path: string): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    return [1, 2].some((fd) => link(`/proc/${name}/fd/${fd}`) === path);
  });
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
