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
  #pieces: { bytes: Buffer; atMs: number }[] = [];
  #held = 0;
  #passed = 0;
  #isClosed = false;

  add(text: string, atMs: number): void {
    if (this.#isClosed) return;
    const bytes = Buffer.from(text);
    this.#pieces.push({ bytes, atMs });
    this.#held += bytes.length;
    this.#cut();
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
    return tailOf(this.#pieces, this.#passed);
  }

  /** What PM2 got in that time (time of day); null if it was nothing. */
  written(fromMs: number, untilMs: number): LiveTail | null {
    const at = this.#pieces.findIndex(({ atMs }) => atMs >= fromMs);
    const pieces = this.#pieces.filter(({ atMs }) => atMs >= fromMs && atMs <= untilMs);
    const before = this.#pieces.slice(0, Math.max(0, at)).reduce((sum, { bytes }) => sum + bytes.length, 0);
    return tailOf(pieces, this.#passed + before);
  }

  #cut(): void {
    while (this.#held > KEPT_BYTES) {
      const [first] = this.#pieces;
      if (first === undefined) return;
      const cut = Math.min(first.bytes.length, this.#held - KEPT_BYTES);
      // A copy: a part would keep the whole.
      first.bytes = Buffer.from(first.bytes.subarray(cut));
      if (first.bytes.length === 0) this.#pieces.shift();
      this.#passed += cut;
      this.#held -= cut;
    }
  }
}

function tailOf(pieces: readonly { bytes: Buffer; atMs: number }[], offset: number): LiveTail | null {
  const bytes = readLogText(Buffer.concat(pieces.map((piece) => piece.bytes)));
  if (bytes.length === 0) return null;
  const writtenSince = (sinceMs: number) =>
    readLogText(Buffer.concat(pieces.flatMap((piece) => (piece.atMs >= sinceMs ? [piece.bytes] : []))))
      .length;
  return { bytes, offset, writtenAtMs: pieces.at(-1)?.atMs ?? 0, writtenSince, more: () => null };
}
