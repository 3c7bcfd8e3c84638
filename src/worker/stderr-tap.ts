import type { Outlet } from './outlet.ts';
import type { StderrFile } from './stderr-file.ts';
import { KEPT_BYTES } from './stderr-keeper.ts';

const CHUNK_BYTES = 64 * 1024;
/** Beyond this the keeper may already have punched out what was not read yet. */
const SAFE_BACKLOG_BYTES = KEPT_BYTES - 1024 * 1024;

/** How often to look for something new: while lines come, and when none has come for a while. */
const BUSY_LOOK_MS = 20;
const IDLE_LOOK_MS = 500;
const BUSY_FOR_LOOKS = 50;

/**
 * Follows the worker's standard-error file and passes on what is new. When the reader behind the outlet is slow the
 * oldest bytes are dropped, with a line that says so.
 *
 * It looks, and is not told: a file that somebody watches (inotify) costs its writer a third more on every write, and
 * the writer is the worker.
 */
export class StderrTap implements Disposable {
  readonly #file: StderrFile;
  readonly #outlet: Outlet;
  readonly #onCaughtUp: () => void;
  #offset: number;
  #pumping: Promise<void> | null = null;
  #again = false;
  #looksWithoutNews = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param from offset of the first byte to pass on */
  constructor(file: StderrFile, outlet: Outlet, from: number, onCaughtUp: () => void = () => {}) {
    this.#file = file;
    this.#outlet = outlet;
    this.#offset = from;
    this.#onCaughtUp = onCaughtUp;
    this.#lookAgain();
  }

  /** Offset up to which everything was passed on or dropped. */
  get offset(): number {
    return this.#offset;
  }

  /** Settles when all that is in the file now is passed on. */
  pump(): Promise<void> {
    this.#again = true;
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = null;
    });
    return this.#pumping;
  }

  /** Starts again at the beginning of the file, after it was emptied. */
  rewind(): void {
    this.#offset = 0;
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #lookAgain(): void {
    const afterMs = this.#looksWithoutNews < BUSY_FOR_LOOKS ? BUSY_LOOK_MS : IDLE_LOOK_MS;
    this.#timer = setTimeout(() => this.#look(), afterMs);
    this.#timer.unref();
  }

  #look(): void {
    const isNews = this.#file.size() !== this.#offset;
    this.#looksWithoutNews = isNews ? 0 : this.#looksWithoutNews + 1;
    if (isNews) void this.pump();
    this.#lookAgain();
  }

  async #pump(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#passOnAll();
      this.#onCaughtUp();
    }
  }

  async #passOnAll(): Promise<void> {
    for (;;) {
      const size = this.#file.size();
      // `echo … > /dev/stderr` in a shell script empties the file, as it would any regular one.
      if (size < this.#offset) this.#offset = 0;
      const backlog = size - this.#offset;
      if (backlog <= 0) return;
      if (backlog > SAFE_BACKLOG_BYTES) {
        const dropped = backlog - SAFE_BACKLOG_BYTES;
        this.#offset += dropped;
        void this.#outlet.writeLine(
          `crashmon: ${dropped} bytes of standard error dropped, the reader is slow`,
        );
      }
      const chunk = this.#file.read(this.#offset, CHUNK_BYTES);
      if (chunk.length === 0) return;
      this.#offset += chunk.length;
      await this.#outlet.write(chunk);
    }
  }
}
