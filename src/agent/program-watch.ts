import type { ProgramState } from '../journal/documents.ts';
import type { Runtime } from '../model/runtime.ts';
import { findWorkingProcess } from '../worker/main-process.ts';
import { isAlive } from '../worker/process-info.ts';
import { countForks, readRuntime } from '../worker/running-program.ts';
import type { Worker } from '../worker/worker.ts';

/** After the start; the last one is repeated. Wrappers take a while, and a worker that dies at once is seen at once. */
const POLL_MS = [0, 40, 110, 250, 600, 1_000, 3_000, 30_000];
/** A helper that runs for a moment is no worker of a pre-fork server. */
const FORKS_AFTER_MS = 1_000;

/** Sees what a worker runs while it lives: afterwards nobody can. A few reads of /proc, seldom. */
export class ProgramWatch {
  readonly #onChange: (state: ProgramState) => void;
  #worker: Worker | null = null;
  #timer: NodeJS.Timeout | undefined;
  #state: ProgramState | null = null;
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

  begin(worker: Worker): void {
    this.end();
    this.#worker = worker;
    this.#seen.clear();
    this.#pollAfter(0, 0);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#worker = null;
  }

  #pollAfter(index: number, aliveMs: number): void {
    const waitMs = POLL_MS[Math.min(index, POLL_MS.length - 1)] ?? 0;
    this.#timer = setTimeout(() => {
      this.#poll(aliveMs + waitMs);
      if (this.#worker !== null) this.#pollAfter(index + 1, aliveMs + waitMs);
    }, waitMs).unref();
  }

  #poll(aliveMs: number): void {
    const worker = this.#worker;
    if (worker === null || !isAlive(worker.pid, worker.startTicks)) return;
    const pid = findWorkingProcess(worker.pid);
    const runtime = pid === null ? null : readRuntime(pid);
    if (pid === null || runtime === null) return;
    this.#seen.add(runtime);
    const forks = aliveMs < FORKS_AFTER_MS ? (this.#state?.forks ?? 0) : countForks(pid);
    // A start script may run other programs before and after the server.
    this.#enter({ runtime: this.#seen.has('node') ? 'node' : runtime, forks });
  }

  #enter(state: ProgramState): void {
    const before = this.#state;
    this.#state = state;
    if (before?.runtime !== state.runtime || before.forks > 0 !== state.forks > 0) this.#onChange(state);
  }
}
