import { mappingAt } from '../../formats/elf/mapping-at.ts';
import type { ReadBytes } from '../../formats/elf/memory-reader.ts';
import type { Mapping } from '../../model/process-snapshot.ts';

/** Part of one mapping, for one PT_LOAD. */
export type Segment = {
  mapping: Mapping;
  address: bigint;
  sizeBytes: bigint;
  /** Whole pages, in pieces; none where only the mapping's existence is to be known. */
  pieces: readonly Uint8Array[];
};

type Range = { mapping: Mapping; start: bigint; end: bigint };

/**
 * Collects ranges of memory up to a number of bytes, then reads each byte once. Segments are whole pages, because
 * elfutils computes with aligned ones, but the rest of a page is zero. Segments never reach over the end
 * of a mapping: debuggers take one for part of one file.
 */
export class WantedMemory {
  readonly #mappings: readonly Mapping[];
  readonly #pageBytes: bigint;
  readonly #pages = new Set<bigint>();
  readonly #ranges: Range[] = [];
  #budgetBytes: number;

  constructor(mappings: readonly Mapping[], pageBytes: number, budgetBytes: number) {
    this.#mappings = mappings;
    this.#pageBytes = BigInt(pageBytes);
    this.#budgetBytes = budgetBytes;
  }

  get budgetBytes(): number {
    return this.#budgetBytes;
  }

  /** Requests the readable part of a range; false if the number of bytes was used up before its end. */
  add(address: bigint, length: number | bigint): boolean {
    const end = address + BigInt(length);
    for (let start = address; start < end; ) {
      const mapping = mappingAt(this.#mappings, start);
      // Ranges come from structures of one mapping; what lies behind a hole is unrelated.
      if (mapping === null || !(mapping.readable || mapping.executable)) return true;
      const stop = mapping.end < end ? mapping.end : end;
      const fits = this.#take(start, stop);
      if (fits > start) this.#ranges.push({ mapping, start, end: fits });
      if (fits < stop) return false;
      start = stop;
    }
    return true;
  }

  /** Reads everything requested, in order of addresses; what cannot be read is absent. */
  read(read: ReadBytes): Segment[] {
    const segments: Segment[] = [];
    for (const group of this.#groups()) {
      const address = this.#pageOf(group.start);
      const pieces: Uint8Array[] = [];
      let at = address;
      for (const { start, end } of group.ranges) {
        const bytes = read(start, Number(end - start));
        if (bytes.length === 0) continue;
        pieces.push(new Uint8Array(Number(start - at)), bytes);
        at = start + BigInt(bytes.length);
      }
      if (pieces.length === 0) continue;
      const end = this.#pageOf(group.end + this.#pageBytes - 1n);
      pieces.push(new Uint8Array(Number(end - at)));
      segments.push({ mapping: group.mapping, address, sizeBytes: end - address, pieces });
    }
    return segments;
  }

  /** Ranges whose pages touch, in one mapping, with what they have in common taken out. */
  #groups(): (Range & { ranges: Range[] })[] {
    const groups: (Range & { ranges: Range[] })[] = [];
    const copies = this.#ranges.map((range) => ({ ...range }));
    const sorted = copies.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    for (const range of sorted) {
      const last = groups.at(-1);
      if (last?.mapping !== range.mapping || this.#pageOf(range.start) > last.end + this.#pageBytes - 1n) {
        groups.push({ ...range, ranges: [range] });
      } else if (range.end > last.end) {
        if (range.start < last.end) range.start = last.end;
        last.ranges.push(range);
        last.end = range.end;
      }
    }
    return groups;
  }

  /** Reserves pages from the first on; the address up to which they fit. */
  #take(start: bigint, end: bigint): bigint {
    for (let page = this.#pageOf(start); page < end; page += this.#pageBytes) {
      if (this.#pages.has(page)) continue;
      if (this.#budgetBytes < this.#pageBytes) return page;
      this.#pages.add(page);
      this.#budgetBytes -= Number(this.#pageBytes);
    }
    return end;
  }

  #pageOf(address: bigint): bigint {
    return address - (address % this.#pageBytes);
  }
}
