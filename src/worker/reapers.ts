import { readFileSync } from 'node:fs';
import { readProcessStat } from './process-info.ts';

/** No chain of supervisors is longer. */
const MAX_ANCESTORS = 64;

/**
 * The processes that a process below crashmon can get as its parent when its own ends: crashmon and its ancestors, as
 * far as they are in the same pid namespace (PR_SET_CHILD_SUBREAPER), and the namespace's first. null if it is not
 * certain where a kernel lists such children.
 */
export function listReapers(): number[] | null {
  const reapers = new Set<number>();
  let pid = process.pid;
  for (let depth = 0; pid > 0 && depth < MAX_ANCESTORS; depth++) {
    const stat = readProcessStat(pid);
    // If its first thread has ended, another one gets them.
    if (stat === null || stat.state === 'Z') return null;
    reapers.add(pid);
    pid = stat.ppid;
  }
  return pid > 0 ? null : [...reapers.add(1)];
}

/** Children that were given to these processes, some of them twice; null if a list cannot be read. */
export function listAdopted(reapers: readonly number[]): number[] | null {
  try {
    // Twice: a child that ends during a reading can hide the next one.
    return [...reapers, ...reapers].flatMap((pid) =>
      readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return null;
  }
}
