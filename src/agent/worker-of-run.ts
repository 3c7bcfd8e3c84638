import type { Run } from '../model/run.ts';
import { findOrphan } from '../worker/find-orphan.ts';
import { isAlive } from '../worker/process-info.ts';

/** The process of a run, null if it has ended. A run from before a reboot has none. */
export function findWorkerOf(run: Run, bootId: string): { pid: number; startTicks: number } | null {
  if (bootId !== '' && run.startedAt.bootId !== '' && run.startedAt.bootId !== bootId) return null;
  if (run.pid === null) return findOrphan(run.id);
  const startTicks = run.pidStartTicks ?? 0;
  return isAlive(run.pid, startTicks) ? { pid: run.pid, startTicks } : null;
}
