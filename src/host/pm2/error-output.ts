import { setTimeout as delay } from 'node:timers/promises';
import type { LiveTail } from '../../agent/raw-run.ts';
import { readLogText } from './log-text.ts';

/** How much of the end is kept. */
const KEPT_BYTES = 64 * 1024;
/** PM2 sends what is left in the pipe some time after the exit. */
const SETTLE_MS = 60;
const MAX_WAITS = 10;

/** The end of what one run wrote to standard error, as PM2's bus sends it. Private, and only in memory. */
export class ErrorOutput {
  #pieces: Buffer[] = [];
  #held = 0;
  #passed = 0;
  #writtenAtMs = 0;
  #isClosed = false;

  add(text: string, atMs: number): void {
    if (this.#isClosed) return;
    const piece = Buffer.from(text);
    this.#pieces.push(piece);
    this.#held += piece.length;
    this.#writtenAtMs = atMs;
    if (this.#held > 2 * KEPT_BYTES) this.#cut();
  }

  /** The next run begins: what comes now is not this one's. */
  close(): void {
    this.#isClosed = true;
  }

  /** null if nothing was written. */
  async lastWords(): Promise<LiveTail | null> {
    for (let waits = 0, held = -1; waits < MAX_WAITS && !this.#isClosed && held !== this.#held; waits++) {
      held = this.#held;
      await delay(SETTLE_MS, undefined, { ref: false });
    }
    this.#cut();
    const bytes = readLogText(this.#pieces[0] ?? Buffer.alloc(0));
    if (bytes.length === 0) return null;
    return { bytes, offset: this.#passed, writtenAtMs: this.#writtenAtMs, more: () => null };
  }

  #cut(): void {
    const whole = Buffer.concat(this.#pieces, this.#held);
    // A copy: a part would keep the whole.
    const kept = Buffer.from(whole.subarray(Math.max(0, whole.length - KEPT_BYTES)));
    this.#passed += whole.length - kept.length;
    this.#pieces = [kept];
    this.#held = kept.length;
  }
}
