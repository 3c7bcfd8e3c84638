import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Enough for hundreds of threads on an idle machine, by docs/benchmarks.md. */
const IDLE_MS = 250;
const MOST_MS = 1_000;

/**
 * How long a process can be held at a fatal signal, in milliseconds: 250, and where several processes wait for each processor
 * as many times more, at most a second. Everything takes that much longer there; with a fixed limit no capture would be whole.
 */
export function holdLimit(): number {
  try {
    return holdLimitOf(readFileSync('/proc/loadavg', 'utf8'), availableParallelism());
  } catch {
    return IDLE_MS;
  }
}

/** @param loadavg text of /proc/loadavg (proc_loadavg(5)) */
export function holdLimitOf(loadavg: string, processors: number): number {
  const runnable = Number(/ (\d+)\/\d+ /.exec(loadavg)?.[1] ?? 0);
  return Math.min(MOST_MS, IDLE_MS * Math.max(1, runnable / processors));
}
