import type { WatchedEnd } from '../../exit-watch/watched-exit.ts';
import type { ExitStatus } from '../../model/exit.ts';
import { adoptWorker } from '../../worker/adopt.ts';
import { delay } from '../../worker/delay.ts';
import type { HostExits } from '../capture/host-exits.ts';

/** How a process ended, and when: time of day, as the clock is set at the call. */
export type ProcessEnd = { status: ExitStatus; atMs(): number };

/** What traces it, such as a debugger, may leave it. */
const TRACED_RETRY_MS = 2_000;

/**
 * Settles once the exit is watched of a process that is not our child. Without the exit watch, and while something else traces
 * it, only that it ended will be known (`unknown`).
 * @param exits null: there is no exit watch
 * @param onRefused why it cannot be watched
 */
export async function watchExit(
  exits: Pick<HostExits, 'watch'> | null,
  target: { pid: number; startTicks: number },
  onRefused: (why: string) => void,
): Promise<{ ended: Promise<ProcessEnd> }> {
  const watched = (await exits?.watch(target)) ?? null;
  if (exits === null || watched === null) return { ended: endOf(null, target) };
  if (!('failed' in watched)) return { ended: endOf(watched.exited, target) };
  if (watched.failed === 'no-helper') onRefused(watched.message);
  const isTraced = watched.failed === 'already-traced';
  return { ended: isTraced ? endOfTraced(exits, target) : endOf(null, target) };
}

async function endOfTraced(
  exits: Pick<HostExits, 'watch'>,
  target: { pid: number; startTicks: number },
): Promise<ProcessEnd> {
  const gone = adoptWorker(target.pid, target.startTicks).exited;
  while (await Promise.race([gone.then(() => false), delay(TRACED_RETRY_MS)])) {
    const watched = await exits.watch(target);
    if (!('failed' in watched)) return await endOf(watched.exited, target);
    if (watched.failed !== 'already-traced') break;
  }
  return await endOf(null, target);
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
