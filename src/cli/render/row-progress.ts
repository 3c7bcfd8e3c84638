import { grouped } from '../../formats/quantity-words.ts';
import type { CliContext } from '../context.ts';

/** Shorter work shows no progress. */
const SILENT_MS = 1_000;
const TERMINAL_EVERY_MS = 200;
const LOG_EVERY_MS = 10_000;

/** Progress of long work over rows, on standard error: one updated line on a terminal, else a line now and then. */
export class RowProgress {
  readonly #what: string;
  readonly #context: Pick<CliContext, 'stderr' | 'stderrIsTerminal'>;
  readonly #startedMs = performance.now();
  #shownMs = Number.NEGATIVE_INFINITY;
  #rows = 0;

  constructor(what: string, context: Pick<CliContext, 'stderr' | 'stderrIsTerminal'>) {
    this.#what = what;
    this.#context = context;
  }

  readonly show = (rows: number): void => {
    this.#rows = rows;
    const nowMs = performance.now();
    const everyMs = this.#context.stderrIsTerminal ? TERMINAL_EVERY_MS : LOG_EVERY_MS;
    if (nowMs - this.#startedMs < SILENT_MS || nowMs - this.#shownMs < everyMs) return;
    this.#shownMs = nowMs;
    const text = `${this.#what}: ${this.#words()} …`;
    this.#context.stderr.write(this.#context.stderrIsTerminal ? `\r\u001b[K${text}` : `${text}\n`);
  };

  /** @returns the number of rows, as text */
  end(): string {
    if (this.#context.stderrIsTerminal && Number.isFinite(this.#shownMs))
      this.#context.stderr.write('\r\u001b[K');
    return this.#words();
  }

  #words(): string {
    return this.#rows === 1 ? '1 row' : `${grouped(this.#rows)} rows`;
  }
}
