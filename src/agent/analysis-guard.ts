import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rawDirectory } from '../journal/raw-capture.ts';
import { ANALYSIS_FLAGS, type AnalysisJob } from './analysis-job.ts';
import { startBackground } from './background-process.ts';

const ENTRY = fileURLToPath(
  new URL(`./analysis-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** An analysis that takes longer is ended and tried once more without source maps. */
const TIMEOUT_MS = 30_000;

/** What the guard's exit code says when a report could not be made. */
export const NO_REPORT = 1;

/** Where the system has no timeout(1) only the agent, while it lives, ends what takes too long. */
const RUN =
  'if command -v timeout >/dev/null 2>&1; then run() { timeout -s KILL "$@"; }; else run() { shift; "$@"; }; fi';

/**
 * Analyses one after the other, each with a deadline, a second attempt, and its raw capture deleted at the end. A
 * process of its own sees to that, a shell, because the agent may end before (`--restart never`), and what is raw must
 * not stay until a next start that may never come.
 * @param dumps open files of dumps, which the analyses have from 3 on
 */
export function startAnalyses(
  jobs: readonly AnalysisJob[],
  dumps: readonly number[],
  timeoutMs = TIMEOUT_MS,
): ChildProcess {
  const steps = jobs.map((job) => {
    const attempts = [job, { ...job, sourceMaps: false }].map((one) => commandOf(one, timeoutMs));
    return [
      `${attempts.join(' || ')} || { failed=${NO_REPORT}; ${commandOf({ ...job, giveUp: true }, TIMEOUT_MS)}; }`,
      `rm -rf -- ${quoted(rawDirectory(job.directory, job.runId))}`,
    ].join('\n');
  });
  const script = ['failed=0', RUN, ...steps, 'exit $failed'].join('\n');
  return startBackground('/bin/sh', ['-c', script], ['ignore', ...dumps]);
}

function commandOf(job: AnalysisJob, timeoutMs: number): string {
  // Not with the agent's own flags, which are for something small that waits.
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
