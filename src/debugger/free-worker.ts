import { setTimeout as delay } from 'node:timers/promises';
import { hasSignal } from '../formats/procfs/process-status.ts';
import { readStatus, readThreads } from './traced-process.ts';

const SIGSTOP = 19;
/** A stop that was on its way when the debugger ended shows a moment later. */
const POLLS_MS: readonly number[] = [0, 20, 200];

/**
 * After a debugger was killed: it stops threads by SIGSTOP (ptrace(2), PTRACE_ATTACH), and one that was on its way
 * would now stop the worker forever. SIGCONT cancels it.
 */
export async function freeWorker(pid: number): Promise<void> {
  for (const waitMs of POLLS_MS) {
    await delay(waitMs);
    if (readStatus(pid) === null) return;
    const stopped = readThreads(pid).some((tid) => {
      const status = readStatus(pid, tid);
      return status !== null && (status.state === 'T' || hasSignal(status.pending, SIGSTOP));
    });
    if (!stopped) continue;
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      return;
    }
  }
}
