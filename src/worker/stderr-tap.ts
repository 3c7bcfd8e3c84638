import type { Outlet } from './outlet.ts';
import type { StderrFile } from './stderr-file.ts';
import { KEPT_BYTES } from './stderr-keeper.ts';

const CHUNK_BYTES = 64 * 1024;
/** Beyond this the keeper can already have punched out what was not read yet. */
const SAFE_BACKLOG_BYTES = KEPT_BYTES - 1024 * 1024;

/**
 * The keeper is a shell and cannot follow a writer of some 100 MB a second. Beyond this the file is emptied
 * immediately, so that a small file system (64 MB in containers) does not fill up, which would fail the worker's own
 * writes.
 */
const MOST_BYTES = 2 * KEPT_BYTES;

/** The same during a flood, on a file system that this would soon fill: 4 MB of 64. */
const MOST_HOT_SHARE = 1 / 16;
/** The evidence of an exit stays. */
const KEPT_OF_FLOOD_BYTES = 64 * 1024;

/** Polling intervals: during a flood, while lines come, and when none has come for a while. */
const HOT_POLL_MS = 2;
const BUSY_POLL_MS = 20;
const IDLE_POLL_MS = 500;
/** The same while the next write is watched for: each poll costs an idle agent a tenth of a millisecond. */
const WATCHED_POLL_MS = 5_000;
const BUSY_FOR_POLLS = 50;
const HOT_FOR_POLLS = 250;
/** Growth between two polls that fills a small file system within a second. */
const HOT_BYTES = 1024 * 1024;

/**
 * Follows the worker's standard-error file and forwards it. When the reader behind the outlet is slow, the oldest bytes
 * are dropped, with a line that says so.
 *
 * It polls: writes to a watched file (inotify) take a third longer, and the writer is the worker. Only the first write
 * after a pause is watched for, because much can follow it before the next poll.
 */
export class StderrTap implements Disposable {
  readonly #file: StderrFile;
  readonly #outlet: Outlet;
  readonly #onCaughtUp: () => void;
  readonly #restart: (keepEnd: (notBefore: number) => void) => void;
  #offset: number;
  #pumping: Promise<void> | null = null;
  #again = false;
  #idlePolls = 0;
  #hotPolls = 0;
  #seen = 0;
  #unwatch: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param from offset of the first byte to forward
   * @param restart called when the file has grown too much: `keepEnd` drops all but its end
   */
  constructor(
    file: StderrFile,
    outlet: Outlet,
    from: number,
    onCaughtUp: () => void = () => {},
    restart: (keepEnd: (notBefore: number) => void) => void = (keepEnd) => void keepEnd(0),
  ) {
    this.#file = file;
    this.#outlet = outlet;
    this.#offset = from;
    this.#onCaughtUp = onCaughtUp;
    this.#restart = restart;
    this.#pollAgain();
  }

  /** Offset up to which everything was forwarded or dropped. */
  get offset(): number {
    return this.#offset;
  }

  /** Settles when the current contents of the file are forwarded. */
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

  #pollAgain(): void {
    const idle = this.#idlePolls >= BUSY_FOR_POLLS;
    if (idle) this.#unwatch ??= this.#file.onNextWrite(() => this.#woken());
    const idleMs = this.#unwatch === null ? IDLE_POLL_MS : WATCHED_POLL_MS;
    const afterMs = idle ? idleMs : this.#hotPolls > 0 ? HOT_POLL_MS : BUSY_POLL_MS;
    this.#timer = setTimeout(() => this.#poll(), afterMs);
    this.#timer.unref();
  }

  #woken(): void {
    this.#unwatch = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#poll();
  }

  #poll(): void {
    this.#bound();
    const size = this.#file.size();
    this.#hotPolls = size - this.#seen > HOT_BYTES ? HOT_FOR_POLLS : Math.max(0, this.#hotPolls - 1);
    this.#seen = size;
    const hasMore = size !== this.#offset;
    if (hasMore) {
      this.#unwatch?.();
      this.#unwatch = null;
    }
    this.#idlePolls = hasMore ? 0 : this.#idlePolls + 1;
    if (hasMore) void this.pump();
    this.#pollAgain();
  }

  #bound(): void {
    const hot = Math.min(MOST_BYTES, this.#file.roomBytes * MOST_HOT_SHARE);
    const most = this.#hotPolls > 0 ? hot : MOST_BYTES;
    if (this.#file.usedBytes() <= most) return;
    const dropped = Math.max(0, this.#file.size() - this.#offset);
    this.#restart((notBefore) => {
      const kept = this.#file.keepEnd(KEPT_OF_FLOOD_BYTES, notBefore);
      this.#offset = kept;
      this.#seen = kept;
    });
    if (dropped > 0) this.#reportDropped(dropped);
  }

  #reportDropped(bytes: number): void {
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
        this.#reportDropped(dropped);
      }
      const chunk = this.#file.read(this.#offset, CHUNK_BYTES);
      if (chunk.length === 0) return;
      this.#offset += chunk.length;
      await this.#outlet.write(chunk);
    }
  }
}
