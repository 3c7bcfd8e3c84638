import type { ExitWatch } from '../../exit-watch/exit-watch.ts';
import type { ExitStatus } from '../../model/exit.ts';
import { adoptWorker } from '../../worker/adopt.ts';

/** How a process ended, and when (time of day). */
export type ProcessEnd = { status: ExitStatus; atMs: number };

/**
 * Settles once the exit is watched of a process that is not our child. Without the exit watch, only that it ended will be
 * known (`unknown`).
 * @param watch null: there is no exit watch
 */
export async function watchExit(
  watch: ExitWatch | null,
  target: { pid: number; startTicks: number },
): Promise<{ ended: Promise<ProcessEnd> }> {
  const watched = (await watch?.watch(target, { hold: false })) ?? null;
  const exited = watched === null || 'failed' in watched ? null : watched.exited;
  return { ended: endOf(exited, target) };
}

async function endOf(
  exited: Promise<ProcessEnd | null> | null,
  { pid, startTicks }: { pid: number; startTicks: number },
): Promise<ProcessEnd> {
  const end = await exited;
  return end ?? { status: await adoptWorker(pid, startTicks).exited, atMs: Date.now() };
}
