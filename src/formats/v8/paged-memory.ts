import type { ReadBytes } from '../elf/memory-reader.ts';

const PAGE_BYTES = 4096;
const PAGE = BigInt(PAGE_BYTES);

/**
 * Reads whole pages, each of them once: for many small reads. After `maxPages` it reads as empty, which bounds the work
 * for memory that was prepared to mislead.
 */
export function pagedMemory(read: ReadBytes, maxPages: number): ReadBytes {
  const pages = new Map<bigint, Uint8Array>();
  const page = (number: bigint): Uint8Array => {
    const known = pages.get(number);
    if (known !== undefined) return known;
    const bytes = pages.size < maxPages ? read(number * PAGE, PAGE_BYTES) : new Uint8Array();
    if (pages.size < maxPages) pages.set(number, bytes);
    return bytes;
  };
  return (address, length) => {
    const start = Number(address % PAGE);
    const first = page(address / PAGE);
    if (start + length <= first.length) return first.subarray(start, start + length);
    if (length > maxPages * PAGE_BYTES) return new Uint8Array();
    const bytes = new Uint8Array(length);
    let count = 0;
    for (let at = address; count < length; ) {
      const offset = Number(at % PAGE);
      const part = page(at / PAGE).subarray(offset, offset + length - count);
      bytes.set(part, count);
      count += part.length;
      at += BigInt(part.length);
      if (part.length === 0) break;
    }
    return bytes.subarray(0, count);
  };
}
