import { listProcesses, readNewestPid, readProcessStat } from '../../worker/process-info.ts';

/** Processes that live, when some of them are new. */
export type FoundProcesses = {
  pids: readonly number[];
  /** Of those that are new. */
  parents: ReadonlySet<number>;
};

const CHECK_EVERY_MS = 2_000;
/** A process executes its program, and is moved into its cgroup, soon after its start. */
const YOUNG_MS = 4_000;

/**
 * Reports that processes were started on this host, and again while they are young. The kernel has no event for it that needs
 * no more rights; one small file is read for all listeners, and nothing else while nothing is started.
 */
export class NewProcesses {
  readonly #everyMs: number;
  readonly #listeners = new Set<(found: FoundProcesses) => void>();
  #timer: NodeJS.Timeout | undefined;
  #newestPid = 0;
  #known: ReadonlySet<number> = new Set();
  #isYoungUntilMs = 0;

  constructor(everyMs = CHECK_EVERY_MS) {
    this.#everyMs = everyMs;
  }

  /** What runs already is not reported. */
  on(listener: (found: FoundProcesses) => void): Disposable {
    if (this.#listeners.size === 0) this.#begin();
    this.#listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size === 0) clearInterval(this.#timer);
      },
    };
  }

  #begin(): void {
    // First: what is started meanwhile is new.
    this.#newestPid = readNewestPid();
    this.#known = new Set(listProcesses());
    this.#isYoungUntilMs = performance.now() + YOUNG_MS;
    this.#timer = setInterval(() => this.#check(), this.#everyMs).unref();
  }

  #check(): void {
    const newestPid = readNewestPid();
    // 0: unknown.
    const isNew = newestPid === 0 || newestPid !== this.#newestPid;
    this.#newestPid = newestPid;
    if (isNew) this.#isYoungUntilMs = performance.now() + YOUNG_MS;
    else if (performance.now() > this.#isYoungUntilMs) return;
    const pids = listProcesses();
    const fresh = pids.filter((pid) => !this.#known.has(pid));
    this.#known = new Set(pids);
    const parents = new Set(fresh.flatMap((pid) => readProcessStat(pid)?.ppid ?? []));
    for (const listener of [...this.#listeners]) listener({ pids, parents });
  }
}
