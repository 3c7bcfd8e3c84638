import { hasEnded } from '../../formats/procfs/process-stat.ts';
import { listProcesses, readProcessStat } from '../../worker/process-info.ts';

export type ProcessEntry<Facts> = { facts: Facts; parent: number; startTicks: number; seenAtMs: number };

/** A process executes its program, and is moved into its cgroup, soon after its start. */
const YOUNG_MS = 3_000;

export type ProcessTableOptions<Facts> = {
  factsOf: (pid: number) => Facts;
  /** A process ID can be used again between two readings. */
  readAllEveryMs: number;
  /** Facts that are read again each time: the process will execute another program, at any time. */
  isPassing?: (facts: Facts) => boolean;
};

/** All processes of the host, with facts that rarely change: each is read while it is young, and then rarely. */
export class ProcessTable<Facts> {
  readonly #options: ProcessTableOptions<Facts>;
  #entries = new Map<number, ProcessEntry<Facts>>();
  #readAllAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ProcessTableOptions<Facts>) {
    this.#options = options;
  }

  /** Those that live now, by their IDs. */
  read(pids: readonly number[] = listProcesses()): ReadonlyMap<number, ProcessEntry<Facts>> {
    const { factsOf, readAllEveryMs, isPassing } = this.#options;
    const now = performance.now();
    const isDue = now - this.#readAllAtMs >= readAllEveryMs;
    if (isDue) this.#readAllAtMs = now;
    const before = isDue ? new Map<number, ProcessEntry<Facts>>() : this.#entries;
    this.#entries = new Map();
    for (const pid of pids) {
      const known = before.get(pid);
      if (known !== undefined && now - known.seenAtMs > YOUNG_MS && isPassing?.(known.facts) !== true) {
        this.#entries.set(pid, known);
        continue;
      }
      const stat = readProcessStat(pid);
      if (stat === null || hasEnded(stat)) continue;
      const { ppid: parent, startTicks } = stat;
      const seenAtMs = known?.startTicks === startTicks ? known.seenAtMs : now;
      this.#entries.set(pid, { facts: factsOf(pid), parent, startTicks, seenAtMs });
    }
    return this.#entries;
  }
}
