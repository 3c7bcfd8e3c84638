import { write } from 'node:fs';
import { delay } from './delay.ts';

/** A blocking write ends when all of its bytes are taken: small pieces show that a slow reader still reads. */
const PIECE_BYTES = 16 * 1024;
/** A reader that takes nothing for this long has stopped. */
const STALLED_MS = 1_000;
/** More is not kept for a reader that has stopped. */
const MAX_QUEUED_BYTES = 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * Writes to crashmon's own standard error without blocking the event loop: its reader can be slow, stopped or gone, and
 * a restart must not wait for it. One write is under way at a time; without a reader everything is dropped.
 */
export class Outlet {
  readonly #fd: number;
  #last: Promise<void> = Promise.resolve();
  #gone = false;
  #queuedBytes = 0;
  /** What is not being written yet. */
  #queued: Buffer[] = [];
  #midLine = false;
  #writtenPieces = 0;
  /** The piece at which the reader had stopped. */
  #stalledAt = -1;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** A line of crashmon's own; on a new line if the worker's output did not end one. */
  writeLine(text: string): Promise<void> {
    return this.write(Buffer.from(this.#midLine ? `\n${text}\n` : `${text}\n`));
  }

  /** Settles when the bytes are written or dropped; never rejects. */
  write(buffer: Buffer): Promise<void> {
    if (buffer.length === 0 || this.#queuedBytes > MAX_QUEUED_BYTES) return this.#last;
    this.#midLine = buffer.at(-1) !== NEWLINE;
    this.#queuedBytes += buffer.length;
    this.#queued.push(buffer);
    if (this.#queued.length === 1) this.#last = this.#last.then(() => this.#writeQueued());
    return this.#last;
  }

  /** @returns whether all that was queued so far was written or dropped; false when the reader has stopped */
  drained(): Promise<boolean> {
    return this.unlessStalled(this.#last);
  }

  /** Waits for something that waits for the reader. @returns false, early, when the reader has stopped */
  async unlessStalled(waiting: Promise<void>): Promise<boolean> {
    const done = waiting.then(() => true);
    for (;;) {
      const before = this.#writtenPieces;
      if (before === this.#stalledAt) return false;
      const timer = new AbortController();
      const paused = delay(STALLED_MS, timer.signal).then(() => false);
      const result = await Promise.race([done, paused]);
      timer.abort();
      if (result) return true;
      if (this.#writtenPieces === before) this.#stalledAt = before;
    }
  }

  /** Together: each write takes a turn of the event loop, and a busy one is slow. */
  async #writeQueued(): Promise<void> {
    const buffer = Buffer.concat(this.#queued);
    this.#queued = [];
    await this.#writeAll(buffer);
    this.#queuedBytes -= buffer.length;
  }

  async #writeAll(buffer: Buffer): Promise<void> {
    let offset = 0;
    while (offset < buffer.length && !this.#gone) {
      try {
        const length = Math.min(PIECE_BYTES, buffer.length - offset);
        offset += await writeSome(this.#fd, buffer, offset, length);
        this.#writtenPieces += 1;
      } catch (error) {
        // A terminal or pipe that another process made non-blocking returns EAGAIN when it is full.
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') await delay(20);
        else this.#gone = true;
      }
    }
  }
}

/** @returns how many bytes were taken */
function writeSome(fd: number, buffer: Buffer, offset: number, length: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, buffer, offset, length, null, (error, written) => (error ? reject(error) : resolve(written)));
  });
}
