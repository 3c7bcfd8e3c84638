import { readlinkSync } from 'node:fs';
import { listProcesses } from './process-info.ts';

/**
 * Does a process other than this one have the file as its standard output or standard error? Only links are read:
 * opening what they lead to could wait for a file system that does not answer.
 */
export function isOutputElsewhere(path: string): boolean {
  return listProcesses().some(
    (pid) => pid !== process.pid && [1, 2].some((fd) => link(`/proc/${pid}/fd/${fd}`) === path),
  );
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
