import type { ExitStatus } from '../model/exit.ts';
import { delay } from './delay.ts';
import { isAlive } from './process-info.ts';
import type { Worker } from './worker.ts';

/** Polling detects an orphan's end; often enough for a quick restart, rarely enough to cost nothing. */
const POLL_EVERY_MS = 100;

/**
 * Takes over a worker that an earlier crashmon started and left behind when it was killed. It is not our child, so its
 * exit status is unknown; only evidence can show why it ended.
 */
export function adoptWorker(pid: number, startTicks: number): Worker {
  return {
    pid,
    startTicks,
    exited: waitForEnd(pid, startTicks),
    signal: (name) => signalProcess(pid, startTicks, name),
  };
}

/** Signals the process that was started at `startTicks`; if it has ended, that is no error. */
export function signalProcess(pid: number, startTicks: number, name: NodeJS.Signals): void {
  if (!isAlive(pid, startTicks)) return;
  try {
    process.kill(pid, name);
  } catch {
    // It ended just now.
  }
}

async function waitForEnd(pid: number, startTicks: number): Promise<ExitStatus> {
  while (isAlive(pid, startTicks)) await delay(POLL_EVERY_MS);
  return { type: 'unknown' };
}
