import { closeSync, openSync, readSync } from 'node:fs';

/** More than one read needs. */
const MAX_READ_BYTES = 64 * 1024 * 1024;
/** The kernel's half of the address space does not fit into a file offset. */
const MAX_ADDRESS = 2n ** 63n - 1n;

/**
 * The memory of a stopped process, by `/proc/<pid>/mem`. Once closed, or past `until` (of performance.now),
 * it reads as empty: the memory of a running process would be a mixture of moments.
 */
export class LiveMemory implements Disposable {
  readonly #until: number;
  #fd: number | null;

  constructor(pid: number, until: number) {
    this.#until = until;
    try {
      this.#fd = openSync(`/proc/${pid}/mem`, 'r');
    } catch {
      this.#fd = null;
    }
  }

  /** At most `length` bytes; fewer, or none, where memory cannot be read. Never throws. */
  read(address: bigint, length: number): Uint8Array {
    if (this.#fd === null || address < 0n || address > MAX_ADDRESS || !(length > 0)) return new Uint8Array();
    if (performance.now() > this.#until) return new Uint8Array();
    const bytes = new Uint8Array(Math.min(length, MAX_READ_BYTES));
    let count = 0;
    try {
      while (count < bytes.length) {
        const step = readSync(this.#fd, bytes, count, bytes.length - count, address + BigInt(count));
        if (step === 0) break;
        count += step;
      }
    } catch {
      // The end of a mapping, a guard page, or a page of a file that was truncated.
    }
    return bytes.subarray(0, count);
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}
