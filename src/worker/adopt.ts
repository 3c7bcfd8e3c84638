import type { ExitStatus } from '../model/exit.ts';
import { delay } from './delay.ts';
import { isAlive } from './process-info.ts';
import type { Worker } from './worker.ts';

/** An orphan's end is noticed by looking; often enough for a quick restart, seldom enough to cost nothing. */
const LOOK_EVERY_MS = 100;

/**
 * Takes over a worker that an earlier crashmon started and left behind when it was killed. It is not our child, so its
 * exit status stays unknown; evidence must tell what it died of.
 */
export function adoptWorker(pid: number, startTicks: number): Worker {
  return {
    pid,
    startTicks,
    exited: waitForEnd(pid, startTicks),
    signal: (name) => signalProcess(pid, startTicks, name),
  };
}

/** Signals the very process that was started at `startTicks`; one that is gone is no error. */
export function signalProcess(pid: number, startTicks: number, name: NodeJS.Signals): void {
  if (!isAlive(pid, startTicks)) return;
  try {
    process.kill(pid, name);
  } catch {
    // Gone between the look and the signal.
  }
}

async function waitForEnd(pid: number, startTicks: number): Promise<ExitStatus> {
  while (isAlive(pid, startTicks)) await delay(LOOK_EVERY_MS);
  return { type: 'unknown' };
}
