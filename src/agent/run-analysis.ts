import type { ChildProcess } from 'node:child_process';
import { ANALYSIS_LIMITS, NO_REPORT, startAnalyses } from './analysis-guard.ts';
import type { AnalysisTask } from './analysis-job.ts';

/** Longer than a guard needs for both attempts, and to give up. */
const LAST_DEADLINE_MS = 4 * ANALYSIS_LIMITS.longestMs;

/** @returns false if it failed or took too long; then no report was stored, and the journal says so */
export async function runAnalysis(task: AnalysisTask): Promise<boolean> {
  const code = await exitCodeOf(task);
  // Its guard was killed.
  return code === null ? (await exitCodeOf(task)) === 0 : code === 0;
}

/** Exit code of the guard, null if it was killed. */
function exitCodeOf(task: AnalysisTask): Promise<number | null> {
  return new Promise((resolve) => {
    const guard = startAnalyses([task]);
    // Where the system has no timeout(1).
    const timeout = setTimeout(() => killSession(guard), LAST_DEADLINE_MS).unref();
    const settle = (code: number | null) => {
      clearTimeout(timeout);
      resolve(code);
    };
    guard.once('error', () => settle(NO_REPORT));
    guard.once('exit', settle);
  });
}

function killSession({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Ended already.
  }
}
