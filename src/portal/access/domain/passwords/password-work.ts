/** Hashing takes memory and time by intent: so many at once, and so many may wait. */
const MOST_RUNNING = 2;
const MOST_WAITING = 32;

/** Bounds what passwords cost, whoever sends how many. */
export class PasswordWork {
  #running = 0;
  #waiting: (() => void)[] = [];

  /** In the order of asking. @returns null, and nothing is done, where too many wait already */
  async run<Result>(work: () => Promise<Result>): Promise<Result | null> {
    if (this.#running >= MOST_RUNNING) {
      if (this.#waiting.length >= MOST_WAITING) return null;
      // Whoever ends hands its place over, so the number of those who run stays.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
