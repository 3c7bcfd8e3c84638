import { readFileSync } from 'node:fs';
import { type ProcessStat, parseProcessStat } from '../formats/procfs/process-stat.ts';

/** The kernel's facts about a process, null where it has ended. */
export function readProcessStat(pid: number): ProcessStat | null {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/** Is this process, identified by its start time, alive? A zombie is not. */
export function isAlive(pid: number, startTicks: number): boolean {
  const stat = readProcessStat(pid);
  return stat !== null && stat.startTicks === startTicks && stat.state !== 'Z' && stat.state !== 'X';
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
