import { badElf, Fields } from './fields.ts';

/**
 * Reads at most `length` bytes from `address`: of a process's memory, or of a file, where an address is an offset.
 * Fewer, or none, where there is nothing to read. Never throws.
 */
export type ReadBytes = (address: bigint, length: number) => Uint8Array;

/** No structure that is parsed here is bigger; a bigger one is damage. */
const MAX_STRUCTURE_BYTES = 16 * 1024 * 1024;

/** A file that is already in memory; the address is the offset in it. */
export function readerOfBytes(bytes: Uint8Array): ReadBytes {
  return (address, length) => {
    if (address < 0n || address >= BigInt(bytes.length) || length <= 0) return bytes.subarray(0, 0);
    const start = Number(address);
    return bytes.subarray(start, Math.min(bytes.length, start + length));
  };
}

/** All of a structure; throws BAD_RECORD where not all of it can be read. */
export function readFields(read: ReadBytes, address: bigint, length: number, what: string): Fields {
  if (!(length >= 0 && length <= MAX_STRUCTURE_BYTES)) throw badElf(`${what} is too big`);
  const bytes = read(address, length);
  if (bytes.length < length) throw badElf(`${what} cannot be read`);
  return new Fields(bytes, what);
}

/** Text up to its NUL as UTF-8; null if none ends within `maxLength` bytes, or nothing can be read. */
export function readText(read: ReadBytes, address: bigint, maxLength: number): string | null {
  // A name near the end of a mapping makes a long read short, which is fine as long as its NUL is there.
  for (const length of [Math.min(256, maxLength), maxLength]) {
    const bytes = read(address, length);
    const end = bytes.indexOf(0);
    if (end >= 0) return new TextDecoder().decode(bytes.subarray(0, end));
    if (bytes.length < length) return null;
  }
  return null;
}
