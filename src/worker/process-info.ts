import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hasEnded, type ProcessStat, parseProcessStat } from '../formats/procfs/process-stat.ts';

/**
 * The kernel's facts about a process, null if it has ended. A restart waits for many of them: as UTF-8, Node reads a file
 * in half the time, and without a buffer of 64 KB for each, which waits for the garbage collection.
 */
export function readProcessStat(pid: number): ProcessStat | null {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null;
  }
}

/** Is this process, identified by its start time, alive? */
export function isAlive(pid: number, startTicks: number): boolean {
  const stat = readProcessStat(pid);
  return stat !== null && stat.startTicks === startTicks && !hasEnded(stat);
}

/** Arguments of a process, empty when they cannot be read. */
export function readCommandLine(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return text.split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/** Path of the program of a process, null if it cannot be read. */
export function readExecutable(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return null;
  }
}

export function listProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Of all its threads; empty on kernels without CONFIG_PROC_CHILDREN. */
export function listChildren(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((tid) =>
      readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** As the kernel lists them: those that the first thread has started, in one read; empty where it has no list. */
export function readChildren(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    return '';
  }
}

/** The process that was started last in this pid namespace (proc_loadavg(5)); 0 where it cannot be known. */
export function readNewestPid(): number {
  try {
    return Number(readFileSync('/proc/loadavg', 'utf8').trim().split(' ').at(-1)) || 0;
  } catch {
    return 0;
  }
}
