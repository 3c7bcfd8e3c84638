import { readlinkSync } from 'node:fs';

/** Where a process's standard error goes to instead of its supervisor. */
export type StderrTarget = 'discarded' | 'file';

/** null: to its supervisor, as far as that can be seen. */
export function stderrTarget(pid: number): StderrTarget | null {
  try {
    const target = readlinkSync(`/proc/${pid}/fd/2`);
    if (target === '/dev/null') return 'discarded';
    return target.startsWith('/') && !target.startsWith('/dev/') ? 'file' : null;
  } catch {
    // It has ended, or belongs to another user.
    return null;
  }
}
