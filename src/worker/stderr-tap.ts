import type { Outlet } from './outlet.ts';
import type { StderrFile } from './stderr-file.ts';
import { KEPT_BYTES } from './stderr-keeper.ts';

const CHUNK_BYTES = 64 * 1024;
/** Beyond this the keeper may already have punched out what was not read yet. */
const SAFE_BACKLOG_BYTES = KEPT_BYTES - 1024 * 1024;

/**
 * The keeper is a shell and cannot follow a writer of some 100 MB a second. Beyond this the file is emptied at once, so
 * that a small file system (64 MB in containers) does not fill up, which would fail the worker's own writes.
 */
const MOST_BYTES = 2 * KEPT_BYTES;

/** The same while much comes, on a file system that this would soon fill: 4 MB of 64. */
const MOST_HOT_SHARE = 1 / 16;
/** The evidence of an exit stays. */
const KEPT_OF_FLOOD_BYTES = 64 * 1024;

/** How often to look for something new: while much comes, while lines come, and when none has come for a while. */
const HOT_LOOK_MS = 2;
const BUSY_LOOK_MS = 20;
const IDLE_LOOK_MS = 500;
const BUSY_FOR_LOOKS = 50;
const HOT_FOR_LOOKS = 250;
/** A growth between two looks that fills a small file system within a second. */
const HOT_BYTES = 1024 * 1024;

/**
 * Follows the worker's standard-error file and passes on what is new. When the reader behind the outlet is slow the
 * oldest bytes are dropped, with a line that says so.
 *
 * It looks, and is not told: a file that somebody watches (inotify) costs its writer a third more on every write, and
 * the writer is the worker. Only the first write after a pause is told, because much can follow it before the next look.
 */
export class StderrTap implements Disposable {
  readonly #file: StderrFile;
  readonly #outlet: Outlet;
  readonly #onCaughtUp: () => void;
  readonly #beginAnew: (keepEnd: (notBefore: number) => void) => void;
  #offset: number;
  #pumping: Promise<void> | null = null;
  #again = false;
  #looksWithoutNews = 0;
  #hotLooks = 0;
  #seen = 0;
  #unwatch: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param from offset of the first byte to pass on
   * @param beginAnew called when the file has grown too much: `keepEnd` drops all but its end
   */
  constructor(
    file: StderrFile,
    outlet: Outlet,
    from: number,
    onCaughtUp: () => void = () => {},
    beginAnew: (keepEnd: (notBefore: number) => void) => void = (keepEnd) => void keepEnd(0),
  ) {
    this.#file = file;
    this.#outlet = outlet;
    this.#offset = from;
    this.#onCaughtUp = onCaughtUp;
    this.#beginAnew = beginAnew;
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
    this.#unwatch?.();
  }

  #lookAgain(): void {
    const idle = this.#looksWithoutNews >= BUSY_FOR_LOOKS;
    const afterMs = idle ? IDLE_LOOK_MS : this.#hotLooks > 0 ? HOT_LOOK_MS : BUSY_LOOK_MS;
    this.#timer = setTimeout(() => this.#look(), afterMs);
    this.#timer.unref();
    if (idle) this.#unwatch ??= this.#file.onNextWrite(() => this.#woken());
  }

  #woken(): void {
    this.#unwatch = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#look();
  }

  #look(): void {
    this.#bound();
    const size = this.#file.size();
    this.#hotLooks = size - this.#seen > HOT_BYTES ? HOT_FOR_LOOKS : Math.max(0, this.#hotLooks - 1);
    this.#seen = size;
    const isNews = size !== this.#offset;
    if (isNews) {
      this.#unwatch?.();
      this.#unwatch = null;
    }
    this.#looksWithoutNews = isNews ? 0 : this.#looksWithoutNews + 1;
    if (isNews) void this.pump();
    this.#lookAgain();
  }

  #bound(): void {
    const hot = Math.min(MOST_BYTES, this.#file.roomBytes * MOST_HOT_SHARE);
    const most = this.#hotLooks > 0 ? hot : MOST_BYTES;
    if (this.#file.usedBytes() <= most) return;
    const dropped = Math.max(0, this.#file.size() - this.#offset);
    this.#beginAnew((notBefore) => {
      const kept = this.#file.keepEnd(KEPT_OF_FLOOD_BYTES, notBefore);
      this.#offset = kept;
      this.#seen = kept;
    });
    if (dropped > 0) this.#tellDropped(dropped);
  }

  #tellDropped(bytes: number): void {
    void this.#outlet.writeLine(`crashmon: ${bytes} bytes of standard error dropped, the reader is slow`);
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
      this.#bound();
      const size = this.#file.size();
      // `echo … > /dev/stderr` in a shell script empties the file, as it would any regular one.
      if (size < this.#offset) this.#offset = 0;
      const backlog = size - this.#offset;
      if (backlog <= 0) return;
      if (backlog > SAFE_BACKLOG_BYTES) {
        const dropped = backlog - SAFE_BACKLOG_BYTES;
        this.#offset += dropped;
        this.#tellDropped(dropped);
      }
      const chunk = this.#file.read(this.#offset, CHUNK_BYTES);
      if (chunk.length === 0) return;
      this.#offset += chunk.length;
      await this.#outlet.write(chunk);
    }
  }
}
