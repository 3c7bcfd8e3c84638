import type { ProgramState } from '../journal/documents.ts';
import type { Runtime } from '../model/runtime.ts';
import { findWorkingProcess } from '../worker/main-process.ts';
import { OomCounter } from '../worker/oom-counter.ts';
import { isAlive } from '../worker/process-info.ts';
import { countForks, readRuntime } from '../worker/running-program.ts';
import type { Worker } from '../worker/worker.ts';

/** A wrapper takes a while to start the worker, which can be short-lived: often until it is seen, then rarely. */
const UNSEEN_MS = 20;
const UNSEEN_UNTIL_MS = 1_500;
const SEEN_MS = [100, 300, 600, 1_000, 3_000, 30_000];
/** A helper that runs briefly is no worker of a pre-fork server. */
const FORKS_AFTER_MS = 1_000;

/** Observes what a worker runs, and in which cgroup: unknown once it has ended. A few reads of /proc, rarely. */
export class ProgramWatch {
  readonly #onChange: (state: ProgramState) => void;
  #worker: Worker | null = null;
  #timer: NodeJS.Timeout | undefined;
  #state: ProgramState | null = null;
  #oom = new OomCounter();
  /** Of this worker. */
  readonly #seen = new Set<Runtime>();

  constructor(onChange: (state: ProgramState) => void) {
    this.#onChange = onChange;
  }

  /** What this worker runs; of a worker that ended before it was seen, what the one before ran. */
  get runtime(): Runtime | null {
    return this.#state?.runtime ?? null;
  }

  get state(): ProgramState | null {
    return this.#state;
  }

  /** OOM kills in the cgroup of this worker since it started; null if they are not counted. */
  get oomKills(): number | null {
    return this.#oom.kills();
  }

  begin(worker: Worker): void {
    this.end();
    this.#worker = worker;
    this.#oom = new OomCounter();
    this.#seen.clear();
    this.#poll(0);
    this.#pollAgain(0, 0);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#worker = null;
  }

  #pollAgain(seenCount: number, aliveMs: number): void {
    const isSeen = this.#seen.size > 0 || aliveMs > UNSEEN_UNTIL_MS;
    const waitMs = isSeen ? (SEEN_MS[Math.min(seenCount, SEEN_MS.length - 1)] ?? 0) : UNSEEN_MS;
    this.#timer = setTimeout(() => {
      this.#poll(aliveMs + waitMs);
      if (this.#worker !== null) this.#pollAgain(isSeen ? seenCount + 1 : 0, aliveMs + waitMs);
    }, waitMs).unref();
  }

  #poll(aliveMs: number): void {
    const worker = this.#worker;
    if (worker === null || !isAlive(worker.pid, worker.startTicks)) return;
    const pid = findWorkingProcess(worker.pid);
    this.#oom.follow(pid ?? worker.pid);
    const runtime = pid === null ? null : readRuntime(pid);
    if (pid === null || runtime === null) return;
    this.#seen.add(runtime);
    const forks = aliveMs < FORKS_AFTER_MS ? (this.#state?.forks ?? 0) : countForks(pid);
    // A start script can run other programs before and after the server.
    this.#enter({ runtime: this.#seen.has('node') ? 'node' : runtime, forks });
  }

  #enter(state: ProgramState): void {
    const before = this.#state;
    this.#state = state;
    if (before?.runtime !== state.runtime || before.forks > 0 !== state.forks > 0) this.#onChange(state);
  }
}
