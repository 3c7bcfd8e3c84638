import { readFileSync } from 'node:fs';
import { isWrapper } from '../../worker/main-process.ts';
import { listProcesses, readCommandLine, readProcessStat } from '../../worker/process-info.ts';
import { matchesGlob } from '../discover/glob.ts';

export type FoundProcess = { pid: number; startTicks: number; startedAtMs: number };

type Seen = { command: string; parent: number; startTicks: number; seenAtMs: number };

/** A process executes its program soon after its start. */
const YOUNG_MS = 3_000;
/** A process id can be used again between two scans. */
const READ_ALL_EVERY_MS = 60_000;
const TICKS_PER_SECOND = 100;

/**
 * Finds processes by a glob for their command line. The line of a process is read while it is young, and once a minute.
 */
export class ProcessFinder {
  #seen = new Map<number, Seen>();
  #readAllAtMs = 0;

  /**
   * Those that do the work: no shells and other wrappers, and no process below one that fits, too.
   */
  find(glob: string): FoundProcess[] {
    this.#read();
    const fitting = new Map([...this.#seen].filter(([, { command }]) => matchesGlob(glob, command)));
    const working = [...fitting.keys()].filter((pid) => pid !== process.pid && !isWrapper(pid));
    const isBelow = (pid: number): boolean => {
      for (let parent = this.#seen.get(pid)?.parent; parent !== undefined; ) {
        if (working.includes(parent)) return true;
        parent = this.#seen.get(parent)?.parent;
      }
      return false;
    };
    return working
      .filter((pid) => !isBelow(pid))
      .flatMap((pid) => {
        const { startTicks } = fitting.get(pid) as Seen;
        // It may have ended since.
        if (readProcessStat(pid)?.startTicks !== startTicks) return [];
        return [{ pid, startTicks, startedAtMs: startedAtMs(startTicks) }];
      });
  }

  #read(): void {
    const now = performance.now();
    const isDue = now - this.#readAllAtMs >= READ_ALL_EVERY_MS;
    if (isDue) this.#readAllAtMs = now;
    const before = isDue ? new Map<number, Seen>() : this.#seen;
    this.#seen = new Map();
    for (const pid of listProcesses()) {
      const known = before.get(pid);
      const isKnown = known !== undefined && now - known.seenAtMs > YOUNG_MS;
      const stat = isKnown ? null : readProcessStat(pid);
      if (isKnown) this.#seen.set(pid, known);
      else if (stat !== null && stat.state !== 'Z') {
        const { ppid: parent, startTicks } = stat;
        const seenAtMs = known?.startTicks === startTicks ? known.seenAtMs : now;
        this.#seen.set(pid, { command: readCommandLine(pid).join(' '), parent, startTicks, seenAtMs });
      }
    }
  }
}

/** Time of day. */
function startedAtMs(startTicks: number): number {
  const uptimeMs = Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1_000;
  return Math.round(Date.now() - uptimeMs + (startTicks * 1_000) / TICKS_PER_SECOND);
}
