import type { WatchedEnd } from '../../exit-watch/watched-exit.ts';
import type { ExitStatus } from '../../model/exit.ts';
import { adoptWorker } from '../../worker/adopt.ts';
import type { HostExits } from '../capture/host-exits.ts';

/** How a process ended, and when: time of day, as the clock is set at the call. */
export type ProcessEnd = { status: ExitStatus; atMs(): number };

/**
 * Settles once the exit is watched of a process that is not our child. Without the exit watch, only that it ended will be
 * known (`unknown`).
 * @param exits null: there is no exit watch
 * @param onRefused why it cannot be watched
 */
export async function watchExit(
  exits: Pick<HostExits, 'watch'> | null,
  target: { pid: number; startTicks: number },
  onRefused: (why: string) => void,
): Promise<{ ended: Promise<ProcessEnd> }> {
  const watched = (await exits?.watch(target)) ?? null;
  if (watched !== null && 'failed' in watched && watched.failed === 'no-helper') onRefused(watched.message);
  const exited = watched === null || 'failed' in watched ? null : watched.exited;
  return { ended: endOf(exited, target) };
}

async function endOf(
  exited: Promise<WatchedEnd | null> | null,
  { pid, startTicks }: { pid: number; startTicks: number },
): Promise<ProcessEnd> {
  const end = await exited;
  const status = end?.status ?? (await adoptWorker(pid, startTicks).exited);
  const monotonicMs = end?.monotonicMs ?? performance.now();
  return { status, atMs: () => Math.round(Date.now() - (performance.now() - monotonicMs)) };
}
