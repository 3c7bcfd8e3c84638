import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import type { LiveTail } from '../../agent/raw-run.ts';
import { O_PATH } from '../../formats/open-path-flag.ts';
import type { WorkerWords } from '../source.ts';

/** How much of the end judges an exit. */
const EVIDENCE_BYTES = 64 * 1024;
/** How much is read for last words. */
const WORDS_BYTES = 1024 * 1024;

/** The file behind the standard error of a process that runs, from where it was when the process was found. */
export class StderrFile implements Disposable {
  readonly #fd: number;
  readonly #from: number;
  /** What was written up to here is of processes that ended before. */
  #taken: number;
  #isClosed = false;

  private constructor(fd: number, from: number) {
    this.#fd = fd;
    this.#from = from;
    this.#taken = from;
  }

  /** null if it is no regular file, the process cannot write to it, or we cannot read it. */
  static of(pid: number): StderrFile | null {
    let fd: number | null = null;
    try {
      // A descriptor proves access only by how it was opened: anything can be opened with O_PATH.
      const flags = Number.parseInt(
        /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/2`, 'utf8'))?.[1] ?? '',
        8,
      );
      const canWrite = (flags & constants.O_WRONLY) !== 0 || (flags & constants.O_RDWR) !== 0;
      if (!canWrite || (flags & O_PATH) !== 0) return null;
      fd = openSync(`/proc/${pid}/fd/2`, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
      const stat = fstatSync(fd);
      if (stat.isFile()) return new StderrFile(fd, stat.size);
    } catch {
      // It has ended, or belongs to another user.
    }
    if (fd !== null) closeSync(fd);
    return null;
  }

  /** The end of what was written meanwhile; null if nothing was. */
  lastWords(endedAtMs: number): LiveTail | null {
    const { size, mtimeMs } = fstatSync(this.#fd);
    // It was emptied: what is there now is new.
    const from = this.#from <= size ? this.#from : 0;
    const start = Math.max(from, size - WORDS_BYTES);
    const whole = Buffer.alloc(size - start);
    const bytes = whole.subarray(
      0,
      whole.length === 0 ? 0 : readSync(this.#fd, whole, 0, whole.length, start),
    );
    if (bytes.length === 0) return null;
    const offset = Math.max(0, bytes.length - EVIDENCE_BYTES);
    return {
      ...{ bytes: bytes.subarray(offset), offset, writtenAtMs: Math.min(mtimeMs, endedAtMs) },
      more: () => (offset === 0 ? null : { bytes, offset: 0 }),
    };
  }

  /**
   * What was written since the last call: of a process below the one that was found, which has just ended, or of others
   * that write to the same file.
   */
  takeWords(endedAtMs: number): WorkerWords | null {
    if (this.#isClosed) return null;
    const { size, mtimeMs } = fstatSync(this.#fd);
    // It can have been emptied.
    const from = Math.max(this.#taken <= size ? this.#taken : 0, size - EVIDENCE_BYTES);
    this.#taken = size;
    const bytes = Buffer.alloc(size - from);
    const count = bytes.length === 0 ? 0 : readSync(this.#fd, bytes, 0, bytes.length, from);
    if (count === 0) return null;
    const writtenAtMs = Math.min(mtimeMs, endedAtMs);
    return { bytes: bytes.subarray(0, count), offset: from, writtenAtMs, isShared: true };
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    closeSync(this.#fd);
  }
}
