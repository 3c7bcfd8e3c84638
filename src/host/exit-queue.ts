import { setImmediate as turn } from 'node:timers/promises';
import { delay } from '../worker/delay.ts';

/** `stored` settles once it is stored, or with false if it will not be. */
export type SettledExit = { stored: Promise<boolean> };

/** Settles an exit. @throws where it has to be tried again */
export type SettleExit = () => Promise<SettledExit>;

export type ExitQueueParts = {
  onProblem: (error: Error) => void;
  /** After each exit. */
  onSettled?: () => void;
  /** When an exit that could not be settled is tried again; the last value repeats. */
  retryMs?: readonly number[];
};

const RETRY_MS = [1_000, 2_000, 5_000, 10_000];
/** While exits cannot be stored, so many wait in memory. */
const MAX_WAITING = 100;
/** Runs that are stored and are reported again; the journal has those before. */
const MAX_STORED = 1_000;

/**
 * The exits of one service, each settled once, in the order in which they were reported: the policy counts them. One that
 * fails (a full disk) is tried again before the next, until it succeeds or the queue ends.
 */
export class ExitQueue {
  readonly #parts: ExitQueueParts;
  /** Those that are not stored, by the key of the run. */
  readonly #waiting = new Map<string, Promise<boolean>>();
  /** The newest. */
  readonly #stored = new Set<string>();
  readonly #over = new AbortController();
  #order: Promise<void> = Promise.resolve();
  #unsettled = 0;
  #isFailing = false;

  constructor(parts: ExitQueueParts) {
    this.#parts = parts;
  }

  /** Exits that were reported and are not settled yet. */
  get unsettled(): number {
    return this.#unsettled;
  }

  has(key: string): boolean {
    return this.#waiting.has(key) || this.#stored.has(key);
  }

  /** @returns the promise of the first report of this run; false: it is not stored, and can be added again */
  add(key: string, settle: SettleExit): Promise<boolean> {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    if (this.#stored.has(key)) return Promise.resolve(true);
    if (this.#over.signal.aborted || (this.#isFailing && this.#unsettled >= MAX_WAITING)) {
      return Promise.resolve(false);
    }
    this.#unsettled += 1;
    const settling = this.#order.then(async () => {
      // Many that wait for nothing would keep everything else waiting: systemd's watchdog, what is read and written.
      if (this.#unsettled > 1) await turn();
      const settled = await this.#untilDone(settle);
      this.#unsettled -= 1;
      this.#parts.onSettled?.();
      return settled;
    });
    this.#order = settling.then(() => {});
    const result = settling.then(async (settled) => (await settled?.stored) ?? false);
    this.#waiting.set(key, result);
    void result.then((isStored) => this.#release(key, isStored));
    return result;
  }

  /** Exits of which only the number is known. @returns false: it is not stored */
  addCount(settle: SettleExit): Promise<boolean> {
    const settling = this.#order.then(() => this.#untilDone(settle));
    this.#order = settling.then(() => {});
    return settling.then(async (settled) => (await settled?.stored) ?? false);
  }

  /** What fails is not tried again. Settles once nothing is being settled any more. */
  async end(): Promise<void> {
    this.#over.abort();
    let order: Promise<void>;
    do {
      order = this.#order;
      await order;
      // What was settled can have added work.
    } while (order !== this.#order);
  }

  /** @returns null if the queue ended before */
  async #untilDone<Result>(work: () => Promise<Result>): Promise<Result | null> {
    const { retryMs = RETRY_MS, onProblem } = this.#parts;
    for (let failed = 0; ; failed++) {
      // Another one has just failed.
      if (this.#isFailing && failed === 0 && this.#over.signal.aborted) return null;
      try {
        const result = await work();
        this.#isFailing = false;
        return result;
      } catch (error) {
        if (!this.#isFailing) onProblem(error as Error);
        this.#isFailing = true;
      }
      if (!(await delay(retryMs[Math.min(failed, retryMs.length - 1)] ?? 0, this.#over.signal))) return null;
    }
  }

  #release(key: string, isStored: boolean): void {
    this.#waiting.delete(key);
    if (!isStored) return;
    this.#stored.add(key);
    for (const oldest of this.#stored) {
      if (this.#stored.size <= MAX_STORED) break;
      this.#stored.delete(oldest);
    }
  }
}
