import { delay } from '../worker/delay.ts';
import type { HelperEvent } from './helper-lines.ts';
import { HelperProcess } from './helper-process.ts';

export type HelperRunsParts = {
  readonly path: string;
  /** Waits before the next start, by how many helpers were lost within a minute; the last one repeats. */
  readonly backOffMs?: readonly number[];
  readonly onEvent: (event: HelperEvent) => void;
  /** It was lost, and with it all that it watched. A new one follows. */
  readonly onLost: () => void;
  readonly onStarted: () => void;
  /** It could not be started again; that is tried again later. */
  readonly onFailed: (problem: string) => void;
};

const BACK_OFF_MS = [0, 100, 500, 2_000];
const REMEMBER_MS = 60_000;

/** Keeps one helper running. */
export class HelperRuns {
  readonly #parts: HelperRunsParts;
  readonly #over = new AbortController();
  #current: HelperProcess | null = null;
  #lostAt: number[] = [];
  #isStarted = false;

  constructor(parts: HelperRunsParts) {
    this.#parts = parts;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Process ID of the helper, null while there is none. */
  get pid(): number | null {
    return this.#current?.pid ?? null;
  }

  /** @returns why it cannot be started; then it is not tried again */
  async start(): Promise<string | null> {
    const problem = await this.#launch();
    this.#isStarted = problem === null;
    return problem;
  }

  /** Without a helper it is dropped: `onStarted` is the time to repeat it. */
  send(line: string): void {
    this.#current?.send(line);
  }

  async end(): Promise<void> {
    this.#over.abort();
    await this.#current?.end();
  }

  async #launch(): Promise<string | null> {
    let helper: HelperProcess;
    try {
      helper = new HelperProcess(this.#parts.path, this.#parts.onEvent);
    } catch (error) {
      return (error as Error).message;
    }
    const problem = await helper.ready;
    if (problem !== null) {
      helper.kill();
      return problem;
    }
    this.#current = helper;
    if (this.#over.signal.aborted) await helper.end();
    else void helper.exited.then(() => this.#lost());
    return null;
  }

  async #lost(): Promise<void> {
    this.#current = null;
    if (this.#over.signal.aborted) return;
    this.#parts.onLost();
    const backOffMs = this.#parts.backOffMs ?? BACK_OFF_MS;
    for (;;) {
      const now = performance.now();
      this.#lostAt = [...this.#lostAt.filter((at) => now - at < REMEMBER_MS), now].slice(-backOffMs.length);
      if (!(await delay(backOffMs[this.#lostAt.length - 1] ?? 0, this.#over.signal))) return;
      const problem = await this.#launch();
      if (problem === null) break;
      this.#parts.onFailed(problem);
    }
    this.#parts.onStarted();
  }
}
