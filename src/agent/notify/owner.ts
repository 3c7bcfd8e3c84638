import { isAlive, readProcessStat } from '../../worker/process-info.ts';

/** What a process is called in the journal: process id and start, as no other is while the machine is up. */
export function ownerName(pid: number): string {
  return `${pid} ${readProcessStat(pid)?.startTicks ?? ''}`;
}

export function isOwnerAlive(name: string): boolean {
  const [pid = 0, ticks = 0] = name.split(' ').map(Number);
  return isAlive(pid, ticks);
}
