import { hasEnded } from '../formats/procfs/process-stat.ts';
import { listProcesses, readProcessStat } from './process-info.ts';
import { readMarker } from './run-marker.ts';

/**
 * Finds the worker of a run whose process id was never recorded (crashmon was killed between starting it and storing
 * that): of the processes with the run's marker the one whose parent does not have it.
 */
export function findOrphan(runId: string): { pid: number; startTicks: number } | null {
  const marked = new Map<number, { ppid: number; startTicks: number }>();
  for (const pid of listProcesses()) {
    if (readMarker(pid) !== runId) continue;
    const stat = readProcessStat(pid);
    if (stat !== null && !hasEnded(stat)) {
      marked.set(pid, { ppid: stat.ppid, startTicks: stat.startTicks });
    }
  }
  // A descendant that left its parents is younger than the worker.
  const [first] = [...marked]
    .filter(([, { ppid }]) => !marked.has(ppid))
    .sort(([, one], [, other]) => one.startTicks - other.startTicks);
  return first === undefined ? null : { pid: first[0], startTicks: first[1].startTicks };
}
