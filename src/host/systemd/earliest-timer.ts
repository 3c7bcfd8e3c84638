/** Runs work once, at the earliest of the times that were wanted: a crash loop must not put it off. It keeps no process alive. */
export class EarliestTimer {
  readonly #work: () => void;
  #due: { atMs: number; timer: NodeJS.Timeout } | null = null;

  constructor(work: () => void) {
    this.#work = work;
  }

  in(waitMs: number): void {
    const atMs = performance.now() + waitMs;
    if (this.#due !== null && this.#due.atMs <= atMs) return;
    this.clear();
    const run = () => {
      this.#due = null;
      this.#work();
    };
    this.#due = { atMs, timer: setTimeout(run, waitMs).unref() };
  }

  clear(): void {
    clearTimeout(this.#due?.timer);
    this.#due = null;
  }
}
