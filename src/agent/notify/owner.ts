import { isAlive, readProcessStat } from '../../worker/process-info.ts';

/** A process in the journal: process ID and start time, unique until the machine restarts. */
export function ownerName(pid: number): string {
  return `${pid} ${readProcessStat(pid)?.startTicks ?? ''}`;
}

export function isOwnerAlive(name: string): boolean {
  const [pid = 0, ticks = 0] = name.split(' ').map(Number);
  return isAlive(pid, ticks);
}
