import type { LiveTail } from '../../agent/raw-run.ts';
import { delay } from '../../worker/delay.ts';
import type { WorkerWords } from '../source.ts';

/** A supervisor has what a process printed by then, also on a busy machine; its time is that at which it got it. */
const LATE_MS = 500;
/** What was printed earlier is of another time. */
const WORDS_MS = 1_000;
const READ_AFTER_MS = 300;
/** Each is read by a request. */
const MOST_WAITING = 20;

type Death = { atMs: number; hadWords: boolean };

/**
 * What the workers of a run print reaches its supervisor through a pipe, in which only time separates them. Where two ended
 * so close to each other that it does not, there are no words of either.
 */
export class LateWords {
  readonly #read: (fromMs: number, untilMs: number) => Promise<LiveTail | null>;
  #deaths: Death[] = [];
  #waiting = 0;
  #order: Promise<unknown> = Promise.resolve();

  /** @param read what the run printed in that time (time of day) */
  constructor(read: (fromMs: number, untilMs: number) => Promise<LiveTail | null>) {
    this.#read = read;
  }

  async of(atMs: number): Promise<WorkerWords | null> {
    const death: Death = { atMs, hadWords: false };
    this.#deaths = [...this.#deaths.filter((other) => atMs - other.atMs < 2 * WORDS_MS), death];
    if (this.#waiting >= MOST_WAITING) return null;
    this.#waiting += 1;
    try {
      await delay(LATE_MS + READ_AFTER_MS);
      const reading = this.#order.then(() => this.#wordsOf(death));
      this.#order = reading.catch(() => {});
      return await reading;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #wordsOf(death: Death): Promise<WorkerWords | null> {
    const { atMs } = death;
    const fromMs = startOfWords(
      atMs,
      this.#deaths.filter((other) => other !== death),
    );
    if (fromMs === null) return null;
    const words = await this.#read(fromMs, atMs + LATE_MS);
    death.hadWords = words !== null;
    if (words === null) return null;
    const { bytes, offset, writtenAtMs } = words;
    return { bytes, offset, writtenAtMs: Math.min(writtenAtMs, atMs), isShared: true };
  }
}

/** From when on what was printed is of the process that ended then; null if it can be of another one. */
export function startOfWords(atMs: number, others: readonly Death[]): number | null {
  let fromMs = atMs - WORDS_MS;
  for (const other of others) {
    if (Math.abs(other.atMs - atMs) <= LATE_MS) return null;
    if (other.atMs > atMs || other.atMs < fromMs) continue;
    // It can have printed something that comes even later.
    if (!other.hadWords) return null;
    fromMs = Math.max(fromMs, other.atMs + LATE_MS);
  }
  return fromMs;
}
