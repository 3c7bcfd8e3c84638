import type { Outlet } from '../worker/outlet.ts';
import { openStderrFile, type StderrFile } from '../worker/stderr-file.ts';
import { KEPT_BYTES, StderrKeeper } from '../worker/stderr-keeper.ts';
import { StderrTap } from '../worker/stderr-tap.ts';
import type { LiveTail, StderrTail } from './raw-run.ts';

/** How much of the end of standard error judges an exit. */
const EVIDENCE_BYTES = 64 * 1024;
/** How much is read for last words, once the next worker runs: a message or a dump of threads can be long. */
const WORDS_BYTES = 1024 * 1024;

/**
 * Standard error of all runs of a worker: a file that the worker appends to, that is forwarded to crashmon's own
 * standard error, and whose end is evidence.
 */
export class StderrChannel implements Disposable {
  readonly #file: StderrFile;
  readonly #outlet: Outlet;
  readonly #tap: StderrTap;
  #keeper: StderrKeeper | null = null;
  #runStart: number;

  constructor(file: StderrFile, outlet: Outlet) {
    this.#file = file;
    this.#outlet = outlet;
    // An earlier crashmon that was killed may have left something unread: continue where it was.
    const { passedOn, runStart } = file.readMark();
    this.#runStart = runStart;
    this.#tap = new StderrTap(
      file,
      outlet,
      passedOn,
      () => this.#caughtUp(),
      (keepEnd) => {
        keepEnd(this.#runStart);
        this.#runStart = 0;
        this.#mark();
      },
    );
    void this.#tap.pump();
  }

  /** @throws where there is no place for the file */
  static open(directory: string, uid: number, outlet: Outlet): StderrChannel {
    return new StderrChannel(openStderrFile(directory, uid), outlet);
  }

  get fd(): number {
    return this.#file.fd;
  }

  /** See `StderrFile`. */
  get notInMemory(): string | null {
    return this.#file.notInMemory;
  }

  /** Before a worker starts. */
  beginRun(): void {
    this.#runStart = this.#file.size();
    this.#mark();
  }

  /** Once a worker runs; its first start does not wait for this. */
  keep(): void {
    this.#keeper ??= new StderrKeeper(this.#file.path);
  }

  /** The end of what the current run wrote, and the offset in the file at which it begins. */
  tail(): LiveTail {
    const size = this.#file.size();
    // A worker that opens `/dev/stderr` anew, as shell scripts do, empties the file.
    const start = this.#runStart > size ? 0 : this.#runStart;
    const offset = Math.max(start, size - EVIDENCE_BYTES);
    const bytes = this.#file.read(offset, EVIDENCE_BYTES);
    return {
      bytes,
      offset,
      writtenAtMs: this.#file.writtenAtMs(),
      more: () => this.#more(start, offset, bytes),
    };
  }

  /** The file can have been emptied since, and have grown again. */
  #more(start: number, offset: number, end: Buffer): StderrTail | null {
    const from = Math.max(start, offset + end.length - WORDS_BYTES);
    if (from >= offset) return null;
    const bytes = this.#file.read(from, offset - from + end.length);
    return bytes.subarray(offset - from).equals(end) ? { bytes, offset: from } : null;
  }

  /** After a worker's exit: forwards what is left. */
  endRun(): void {
    void this.#tap.pump();
  }

  /** After the last worker: waits until all is forwarded, and removes the file if no process has it open. */
  async end(): Promise<void> {
    await this.#outlet.unlessStalled(this.#tap.pump());
    // A worker's descendant can continue to write; then the keeper removes the file after it.
    if (this.#file.isOutputElsewhere()) return;
    this.#keeper?.end();
    this.#file.remove();
  }

  #mark(): void {
    this.#file.writeMark({ passedOn: this.#tap.offset, runStart: this.#runStart });
  }

  #caughtUp(): void {
    this.#mark();
    // Without its tools (busybox) there is no keeper; while crashmon runs it can bound the file itself, at the price of
    // what is written between this check and the next line.
    if (!this.#keeper?.missingTools || this.#file.size() < KEPT_BYTES) return;
    if (this.#file.size() !== this.#tap.offset) return;
    this.#file.empty();
    this.#tap.rewind();
    this.#runStart = 0;
    this.#mark();
  }

  [Symbol.dispose](): void {
    this.#tap[Symbol.dispose]();
    this.#file.close();
  }
}
