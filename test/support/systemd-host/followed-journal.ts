import type { RunningProgram } from '../run-program.ts';

/** Lines of a journal as they come, from `journalctl --follow`: to read all of it again and again takes a processor. */
export class FollowedJournal implements AsyncDisposable {
  readonly #program: RunningProgram;

  /** @param program runs until it is disposed of */
  constructor(program: RunningProgram) {
    this.#program = program;
  }

  /** Settles with the first result that is not null, of all lines so far. */
  async until<Found>(what: string, find: (text: string) => Found | null, limitMs: number): Promise<Found> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const text = this.#program.stdout;
      const found = find(text.slice(0, text.lastIndexOf('\n') + 1));
      if (found !== null) return found;
      await this.#grows(what, text.length, deadline - performance.now());
    }
  }

  async #grows(what: string, length: number, limitMs: number): Promise<void> {
    const overdue = Promise.withResolvers<never>();
    const fail = () => overdue.reject(new Error(`no ${what}:\n${this.#program.stdout}`));
    const timer = setTimeout(fail, limitMs);
    try {
      await Promise.race([this.#program.waitForLine('stdout', /./, length), overdue.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#program[Symbol.asyncDispose]();
  }
}
