import type { CliContext } from '../context.ts';

/** What is done sooner needs no words. */
const SILENT_MS = 1_000;
const TERMINAL_EVERY_MS = 200;
const LOG_EVERY_MS = 10_000;

/** How far a long work over rows has come, on standard error: a line that is written over, or one now and then. */
export class RowProgress {
  readonly #what: string;
  readonly #context: Pick<CliContext, 'stderr' | 'stderrIsTerminal'>;
  readonly #startedMs = performance.now();
  #toldMs = Number.NEGATIVE_INFINITY;
  #rows = 0;

  constructor(what: string, context: Pick<CliContext, 'stderr' | 'stderrIsTerminal'>) {
    this.#what = what;
    this.#context = context;
  }

  readonly tell = (rows: number): void => {
    this.#rows = rows;
    const nowMs = performance.now();
    const everyMs = this.#context.stderrIsTerminal ? TERMINAL_EVERY_MS : LOG_EVERY_MS;
    if (nowMs - this.#startedMs < SILENT_MS || nowMs - this.#toldMs < everyMs) return;
    this.#toldMs = nowMs;
    const text = `${this.#what}: ${this.#words()} …`;
    this.#context.stderr.write(this.#context.stderrIsTerminal ? `\r\u001b[K${text}` : `${text}\n`);
  };

  /** @returns how many rows it was, in words */
  end(): string {
    if (this.#context.stderrIsTerminal && Number.isFinite(this.#toldMs))
      this.#context.stderr.write('\r\u001b[K');
    return this.#words();
  }

  #words(): string {
    return this.#rows === 1 ? '1 row' : `${this.#rows.toLocaleString('en')} rows`;
  }
}
