import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { listProcesses, readProcessStat } from '../src/worker/process-info.ts';

const EVERY_MS = 2_000;
/** What crashmon starts to give way to the worker (background-process.ts). */
const LOWEST_PRIORITY = 19;

/**
 * Gives the analyses of this run's tests normal priority once they have waited for seconds. They give way to every other
 * process, so that beside eight test files one gets a second of processor time in minutes, and a test waits that long.
 */
export function hurryAnalyses(): void {
  let before = new Set<number>();
  setInterval(() => {
    const now = new Set(listProcesses().filter(isLowest));
    for (const pid of now) if (before.has(pid) && isOurs(pid)) raise(pid);
    before = now;
  }, EVERY_MS).unref();
}

function isLowest(pid: number): boolean {
  try {
    return getPriority(pid) === LOWEST_PRIORITY;
  } catch {
    return false;
  }
}

/** By this run's temporary directory, or as a descendant: services of a test host have an environment of their own. */
function isOurs(pid: number): boolean {
  try {
    const { TMPDIR: directory } = process.env;
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    if (directory !== undefined && environment.includes(`TMPDIR=${directory}`)) return true;
  } catch {
    return false;
  }
  for (let at = pid; at > 1; at = readProcessStat(at)?.ppid ?? 0) if (at === process.pid) return true;
  return false;
}

/** The priority belongs to each thread; only root may raise it. */
function raise(pid: number): void {
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), 0);
  } catch {
    // It has ended, or it is not allowed.
  }
}
