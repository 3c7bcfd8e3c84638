/** Hashing is slow and takes memory on purpose. */
const MOST_RUNNING = 2;
const MOST_WAITING = 32;

/** Bounds how many passwords are hashed at once. */
export class PasswordWork {
  #running = 0;
  #waiting: (() => void)[] = [];

  /** In the order of asking. @returns null, and nothing is done, where too many wait already */
  async run<Result>(work: () => Promise<Result>): Promise<Result | null> {
    if (this.#running >= MOST_RUNNING) {
      if (this.#waiting.length >= MOST_WAITING) return null;
      // A job that ends passes its slot on, so #running stays.
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
