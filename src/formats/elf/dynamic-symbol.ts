import {
  DT_GNU_HASH,
  DT_HASH,
  DT_STRTAB,
  DT_SYMTAB,
  dynamicAddress,
  readDynamicSection,
} from './dynamic-section.ts';
import { add, type LoadedImage } from './loaded-image.ts';
import { type ReadBytes, readFields, readText } from './memory-reader.ts';

const SYMBOL_BYTES = 24n;
/** A chain of a healthy table has a handful. */
const MAX_CHAIN = 4096;

/**
 * Address of a defined symbol in the image's `.dynsym`, through DT_GNU_HASH or DT_HASH; the symbol's version is not
 * looked at. null if there is none. Throws BAD_RECORD for damaged tables.
 */
export function findDynamicSymbol(read: ReadBytes, image: LoadedImage, name: string): bigint | null {
  return findDynamicRange(read, image, name)?.start ?? null;
}

/** The same with the first address after it. */
export function findDynamicRange(
  read: ReadBytes,
  image: LoadedImage,
  name: string,
): { start: bigint; end: bigint } | null {
  const dynamic = readDynamicSection(read, image);
  if (dynamic === null) return null;
  const strings = dynamicAddress(dynamic, DT_STRTAB, image.bias);
  const symbols = dynamicAddress(dynamic, DT_SYMTAB, image.bias);
  if (strings === null || symbols === null) return null;
  const gnu = dynamicAddress(dynamic, DT_GNU_HASH, image.bias);
  const sysv = dynamicAddress(dynamic, DT_HASH, image.bias);
  let candidates: Iterable<number> = [];
  if (gnu !== null) candidates = gnuCandidates(read, gnu, name);
  else if (sysv !== null) candidates = sysvCandidates(read, sysv, name);
  for (const index of candidates) {
    const symbol = readFields(
      read,
      add(symbols, BigInt(index) * SYMBOL_BYTES),
      Number(SYMBOL_BYTES),
      'a symbol',
    );
    // st_shndx 0 is a reference to a symbol of another image.
    if (symbol.u16(6) === 0) continue;
    if (readText(read, add(strings, BigInt(symbol.u32(0))), name.length + 1) === name) {
      const start = add(image.bias, symbol.u64(8));
      return { start, end: add(start, symbol.u64(16)) };
    }
  }
  return null;
}

/** Indices of symbols with the name's hash (DT_GNU_HASH: binutils' own, known from the GNU loader). */
function* gnuCandidates(read: ReadBytes, table: bigint, name: string): Iterable<number> {
  const header = readFields(read, table, 16, 'DT_GNU_HASH');
  const buckets = header.u32(0);
  const firstSymbol = header.u32(4);
  if (buckets === 0) return;
  const bucketsAt = add(table, 16n + BigInt(header.u32(8)) * 8n);
  const chainsAt = add(bucketsAt, BigInt(buckets) * 4n);
  const hash = gnuHash(name);
  let index = word(read, add(bucketsAt, BigInt(hash % buckets) * 4n));
  if (index < firstSymbol) return;
  for (let steps = 0; steps < MAX_CHAIN; steps++, index++) {
    const chained = word(read, add(chainsAt, BigInt(index - firstSymbol) * 4n));
    if ((chained | 1) === (hash | 1)) yield index;
    if ((chained & 1) === 1) return;
  }
}

/** Indices of symbols in the name's bucket (DT_HASH, ELF gABI). */
function* sysvCandidates(read: ReadBytes, table: bigint, name: string): Iterable<number> {
  const buckets = word(read, table);
  if (buckets === 0) return;
  const bucketsAt = add(table, 8n);
  const chainsAt = add(bucketsAt, BigInt(buckets) * 4n);
  let index = word(read, add(bucketsAt, BigInt(sysvHash(name) % buckets) * 4n));
  for (let steps = 0; index !== 0 && steps < MAX_CHAIN; steps++) {
    yield index;
    index = word(read, add(chainsAt, BigInt(index) * 4n));
  }
}

function word(read: ReadBytes, address: bigint): number {
  return readFields(read, address, 4, 'a hash table').u32(0);
}

function gnuHash(name: string): number {
  let hash = 5381;
  for (const byte of new TextEncoder().encode(name)) hash = (Math.imul(hash, 33) + byte) >>> 0;
  return hash;
}

function sysvHash(name: string): number {
  let hash = 0;
  for (const byte of new TextEncoder().encode(name)) {
    hash = ((hash << 4) + byte) >>> 0;
    const high = hash & 0xf0000000;
    hash = (hash ^ (high >>> 24)) & ~high;
  }
  return hash >>> 0;
}
