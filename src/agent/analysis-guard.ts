import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rawDirectory } from '../journal/raw-capture.ts';
import { ANALYSIS_FLAGS, type AnalysisJob, type AnalysisTask } from './analysis-job.ts';
import { startBackground } from './background-process.ts';

const ENTRY = fileURLToPath(
  new URL(`./analysis-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** An analysis that takes more is ended, and tried once more without source maps. */
export type AnalysisLimits = {
  /** Processor time: at the lowest priority, a busy machine gives it a second of that in minutes. */
  cpuSeconds: number;
  /** One that waits for something, e.g. a file system of the network, uses none. */
  longestMs: number;
};

export const ANALYSIS_LIMITS: AnalysisLimits = { cpuSeconds: 30, longestMs: 10 * 60_000 };

/** Compressing and encrypting gigabytes takes longer; the memory is given back after ten minutes (kept-memory.ts). */
const WHOLE_CPU_SECONDS = 10 * 60;

/** Exit code of the guard if a report could not be made. */
export const NO_REPORT = 1;

/**
 * `run CPU_SECONDS SECONDS COMMAND…`. Without timeout(1) only the agent, while it runs, ends an analysis that waits for too
 * long.
 */
const RUN = `if command -v timeout >/dev/null 2>&1; then limited() { exec timeout -s KILL "$@"; }; else limited() { shift; exec "$@"; }; fi
run() { (ulimit -t "$1" 2>/dev/null || :; shift; limited "$@"); }`;

/** Behind the standard streams. */
const FIRST_FREE_FD = 3;

/**
 * Starts the analyses, one after the other, each with limits and a second attempt; at the end its raw capture is
 * deleted. A shell does this, because the agent can end before (`--restart never`), and nothing raw may stay until a
 * next start that may never come.
 */
export function startAnalyses(tasks: readonly AnalysisTask[], limits = ANALYSIS_LIMITS): ChildProcess {
  const passed = tasks.flatMap(({ dumpFd, root, whole }) =>
    [dumpFd, root, ...(typeof whole === 'object' ? Object.values(whole) : [])].filter(
      (fd) => typeof fd === 'number',
    ),
  );
  const inherited = (fd: number) => FIRST_FREE_FD + passed.indexOf(fd);
  const steps = tasks.map((task) => {
    const dumpFd = task.dumpFd === null ? null : inherited(task.dumpFd);
    const root = typeof task.root === 'number' ? inherited(task.root) : (task.root ?? 'host');
    const whole =
      typeof task.whole === 'object'
        ? {
            memory: inherited(task.whole.memory),
            pageMap: inherited(task.whole.pageMap),
            hold: inherited(task.whole.hold),
            maps: inherited(task.whole.maps),
          }
        : task.whole;
    const cpuSeconds = typeof whole === 'object' ? WHOLE_CPU_SECONDS : limits.cpuSeconds;
    const first: AnalysisJob = {
      ...{ ...task, dumpFd, root, sourceMaps: true, giveUp: false },
      ...(whole === undefined ? {} : { whole }),
    };
    const attempts = [first, { ...first, sourceMaps: false }].map((job) =>
      commandOf(job, { ...limits, cpuSeconds }),
    );
    return [
      `${attempts.join(' || ')} || { failed=${NO_REPORT}; ${commandOf({ ...first, giveUp: true }, ANALYSIS_LIMITS)}; }`,
      `rm -rf -- ${quoted(rawDirectory(task.directory, task.runId))}`,
    ].join('\n');
  });
  const script = ['failed=0', RUN, ...steps, 'exit $failed'].join('\n');
  const hurry = tasks.every((task) => task.hurry === true);
  return startBackground('/bin/sh', ['-c', script], ['ignore', ...passed], { hurry });
}

function commandOf(job: AnalysisJob, { cpuSeconds, longestMs }: AnalysisLimits): string {
  // Not the agent's own flags, which are for a small process that waits.
  return [
    ...['run', cpuSeconds, longestMs / 1000],
    ...[process.execPath, ...ANALYSIS_FLAGS, ENTRY, JSON.stringify(job)].map(quoted),
  ].join(' ');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
