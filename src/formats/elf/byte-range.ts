import type { ReadBytes } from './memory-reader.ts';

/** Read at a time. */
const PIECE_BYTES = 1024 * 1024;
/** A range up to this size stays in memory after it was read. */
const KEPT_BYTES = 16 * 1024 * 1024;

/** What all searches in a file may read together: a message can name thousands of calls. */
export type SearchBudget = { leftBytes: number };

export function searchBudget(): SearchBudget {
  return { leftBytes: 2 * 1024 * 1024 * 1024 };
}

/** Part of a file that texts are looked for in, whatever its size: never more than 16 MB of it are in memory. */
export class ByteRange {
  readonly #read: ReadBytes;
  readonly #offset: bigint;
  readonly sizeBytes: number;
  readonly #budget: SearchBudget;
  #kept: Buffer | null = null;

  constructor(read: ReadBytes, offset: bigint, sizeBytes: number, budget: SearchBudget) {
    this.#read = read;
    this.#offset = offset;
    this.sizeBytes = sizeBytes;
    this.#budget = budget;
  }

  /** Offset of the first occurrence at or after `from`; -1 if there is none, or the budget is used up. */
  indexOf(pattern: Buffer, from = 0): number {
    if (pattern.length === 0 || pattern.length > PIECE_BYTES / 2) return -1;
    if (this.sizeBytes <= KEPT_BYTES) {
      if (this.#budget.leftBytes <= 0) return -1;
      const found = this.#all().indexOf(pattern, from);
      this.#budget.leftBytes -= (found < 0 ? this.sizeBytes : found) - from;
      return found;
    }
    // Pieces overlap, so that no occurrence is cut.
    const step = PIECE_BYTES - pattern.length + 1;
    for (let at = from; at + pattern.length <= this.sizeBytes && this.#budget.leftBytes > 0; at += step) {
      this.#budget.leftBytes -= step;
      const found = this.slice(at, PIECE_BYTES).indexOf(pattern);
      if (found >= 0) return at + found;
    }
    return -1;
  }

  /** At most `length` bytes; fewer at its end, or where the file is shorter. */
  slice(at: number, length: number): Buffer {
    const size = Math.max(0, Math.min(length, this.sizeBytes - at));
    if (this.#kept !== null) return this.#kept.subarray(at, at + size);
    const bytes = this.#read(this.#offset + BigInt(at), size);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The text up to the next NUL; null if it is longer than `maxLength`. */
  textAt(at: number, maxLength: number): string | null {
    const bytes = this.slice(at, maxLength + 1);
    const end = bytes.indexOf(0);
    return end < 0 ? null : bytes.toString('utf8', 0, end);
  }

  #all(): Buffer {
    this.#kept ??= this.slice(0, this.sizeBytes);
    return this.#kept;
  }
}
