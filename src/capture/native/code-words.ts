import type { Mapping } from '../../model/process-snapshot.ts';

/** Finds the words of a stack that could be return addresses: they point into executable memory. */
export class CodeWords {
  /** Pairs of first address and first address after, in order, as numbers: exact, because addresses have 48 bits. */
  readonly #ranges: Float64Array;

  constructor(mappings: readonly Mapping[]) {
    const executable = mappings.filter(({ executable, end }) => executable && end < 2n ** 53n);
    this.#ranges = Float64Array.from(executable.flatMap(({ start, end }) => [Number(start), Number(end)]));
  }

  /** Offset in bytes of each such word, innermost first; `stack` begins at a multiple of 8. */
  *in(stack: Uint8Array): Iterable<{ offset: number; value: number }> {
    // A view of the words needs alignment; a stack's page has it as soon as it is copied.
    const bytes = stack.byteOffset % 4 === 0 ? stack : Uint8Array.from(stack);
    const halves = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
    for (let at = 0; at + 1 < halves.length; at += 2) {
      const high = halves[at + 1] ?? 0;
      // Most words are small numbers or text, and no address.
      if (high > 0x1f_ffff) continue;
      const value = high * 2 ** 32 + (halves[at] ?? 0);
      if (value >= 4096 && this.has(value)) yield { offset: at * 4, value };
    }
  }

  has(value: number): boolean {
    let low = 0;
    let high = this.#ranges.length >>> 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle * 2 + 1] ?? 0) <= value) low = middle + 1;
      else high = middle;
    }
    return (this.#ranges[low * 2] ?? Number.POSITIVE_INFINITY) <= value;
  }
}
