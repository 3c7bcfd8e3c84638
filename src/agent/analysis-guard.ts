import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rawDirectory } from '../journal/raw-capture.ts';
import { ANALYSIS_FLAGS, type AnalysisJob, type AnalysisTask } from './analysis-job.ts';
import { startBackground } from './background-process.ts';

const ENTRY = fileURLToPath(
  new URL(`./analysis-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** An analysis that takes longer is ended and tried once more without source maps. */
const TIMEOUT_MS = 30_000;

/** Exit code of the guard if a report could not be made. */
export const NO_REPORT = 1;

/** Without timeout(1) only the agent, while it runs, ends an analysis that takes too long. */
const RUN =
  'if command -v timeout >/dev/null 2>&1; then run() { timeout -s KILL "$@"; }; else run() { shift; "$@"; }; fi';

/** Behind the standard streams. */
const FIRST_FREE_FD = 3;

/**
 * Starts the analyses, one after the other, each with a deadline and a second attempt; at the end its raw capture is
 * deleted. A shell does this, because the agent can end before (`--restart never`), and nothing raw may stay until a
 * next start that may never come.
 */
export function startAnalyses(tasks: readonly AnalysisTask[], timeoutMs = TIMEOUT_MS): ChildProcess {
  const dumps = tasks.flatMap(({ dumpFd }) => (dumpFd === null ? [] : [dumpFd]));
  const steps = tasks.map((task) => {
    const dumpFd = task.dumpFd === null ? null : FIRST_FREE_FD + dumps.indexOf(task.dumpFd);
    const first: AnalysisJob = { ...task, dumpFd, sourceMaps: true, giveUp: false };
    const attempts = [first, { ...first, sourceMaps: false }].map((job) => commandOf(job, timeoutMs));
    return [
      `${attempts.join(' || ')} || { failed=${NO_REPORT}; ${commandOf({ ...first, giveUp: true }, TIMEOUT_MS)}; }`,
      `rm -rf -- ${quoted(rawDirectory(task.directory, task.runId))}`,
    ].join('\n');
  });
  const script = ['failed=0', RUN, ...steps, 'exit $failed'].join('\n');
  return startBackground('/bin/sh', ['-c', script], ['ignore', ...dumps]);
}

function commandOf(job: AnalysisJob, timeoutMs: number): string {
  // Not the agent's own flags, which are for a small process that waits.
  const seconds = String(timeoutMs / 1000);
  return [
    'run',
    seconds,
    ...[process.execPath, ...ANALYSIS_FLAGS, ENTRY, JSON.stringify(job)].map(quoted),
  ].join(' ');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
