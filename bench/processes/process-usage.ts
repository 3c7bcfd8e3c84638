import { readdirSync, readFileSync } from 'node:fs';

export type MemoryUse = { rssMb: number; pssMb: number };

/**
 * Resident and proportional memory of some processes together, in MB of 10⁶ bytes (proc_pid_smaps(5)). Processes
 * that have ended count as 0.
 */
export function memoryOf(pids: readonly number[]): MemoryUse {
  const use = { rssMb: 0, pssMb: 0 };
  for (const pid of pids) {
    const text = read(`/proc/${pid}/smaps_rollup`);
    use.rssMb += (kilobytes(text, 'Rss') * 1024) / 1e6;
    use.pssMb += (kilobytes(text, 'Pss') * 1024) / 1e6;
  }
  return use;
}

/**
 * Processor time of some processes so far, in ms, all threads. From schedstat, which counts nanoseconds: one clock tick
 * of /proc/<pid>/stat is as long as what an idle process uses in ten seconds.
 */
export function processorMsOf(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const thread of threadsOf(pid)) {
      nanoseconds += Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0] ?? 0);
    }
  }
  return nanoseconds / 1e6;
}

/**
 * Processor time of all children that have ended so far, in ms (cutime and cstime of proc_pid_stat(5), in ticks of
 * 10 ms). Unlike elapsed time it hardly depends on other work on the machine.
 */
export function endedChildrenMs(): number {
  const text = read('/proc/self/stat');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function kilobytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
