import { metadataStream } from './metadata-stream.ts';

const DOCUMENT = 0x30n;
const METHOD_DEBUG_INFORMATION = 0x31n;
/** Of some 100,000 lines of source each ten are points. */
const MAX_POINTS = 1_000_000;
const MAX_PARTS = 100;

/** Names of source files, as the compiler wrote them, and the lines at which statements begin: those that a stack can name. */
export type PdbLines = ReadonlyMap<string, ReadonlySet<number>>;

/**
 * Reads the debug information beside a .NET assembly (Portable PDB v1.0: tables Document and MethodDebugInformation).
 * @returns null if the bytes are none, or are damaged
 */
export function pdbLines(bytes: Buffer): PdbLines | null {
  try {
    return readLines(bytes);
  } catch (error) {
    // Beyond the end of the bytes.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function readLines(bytes: Buffer): PdbLines | null {
  const tables = metadataStream(bytes, 0, '#~');
  const blobs = metadataStream(bytes, 0, '#Blob');
  if (tables === null || blobs === null) return null;
  const valid = tables.readBigUInt64LE(8);
  // Those of the assembly itself would stand before.
  if ((valid & ((1n << DOCUMENT) - 1n)) !== 0n) return null;
  const present = Array.from({ length: 64 }, (_, table) => BigInt(table)).filter(
    (table) => (valid >> table) & 1n,
  );
  const rowsOf = (table: bigint) =>
    present.includes(table) ? tables.readUInt32LE(24 + 4 * present.indexOf(table)) : 0;
  const [documents, methods] = [rowsOf(DOCUMENT), rowsOf(METHOD_DEBUG_INFORMATION)];
  const [guidBytes, blobBytes] = [2, 4].map((bit) => (tables.readUInt8(6) & bit ? 4 : 2)) as [number, number];
  const documentRow = 2 * (guidBytes + blobBytes);
  const indexBytes = documents > 0xffff ? 4 : 2;
  const documentsAt = 24 + 4 * present.length;
  const methodsAt = documentsAt + documents * documentRow;
  const lines: Set<number>[] = [];
  const found = new Map<string, Set<number>>();
  for (let row = 0; row < documents; row++) {
    const set = new Set<number>();
    lines.push(set);
    found.set(nameOf(blobs, tables.readUIntLE(documentsAt + row * documentRow, blobBytes)), set);
  }
  let left = MAX_POINTS;
  for (let row = 0; row < methods && left > 0; row++) {
    const at = methodsAt + row * (indexBytes + blobBytes);
    const points = tables.readUIntLE(at + indexBytes, blobBytes);
    if (points === 0) continue;
    left -= addPoints(new BlobReader(blobs, points), tables.readUIntLE(at, indexBytes), lines, left);
  }
  return found;
}

/** The parts of a path are blobs of their own. */
function nameOf(blobs: Buffer, index: number): string {
  const name = new BlobReader(blobs, index);
  const separator = name.byte();
  const parts: string[] = [];
  while (name.hasMore && parts.length < MAX_PARTS) {
    const part = name.unsigned();
    parts.push(part === 0 ? '' : new BlobReader(blobs, part).text());
  }
  return parts.join(separator === 0 ? '' : String.fromCharCode(separator));
}

/** @returns how many there were */
function addPoints(points: BlobReader, document: number, lines: Set<number>[], left: number): number {
  points.unsigned();
  let current = lines[(document === 0 ? points.unsigned() : document) - 1];
  let line: number | null = null;
  let count = 0;
  for (; points.hasMore && count < left; count++) {
    const offset = points.unsigned();
    if (count > 0 && offset === 0) {
      current = lines[points.unsigned() - 1];
      continue;
    }
    const height = points.unsigned();
    const width = height === 0 ? points.unsigned() : points.signed();
    // Code that has no source.
    if (height === 0 && width === 0) continue;
    line = line === null ? points.unsigned() : line + points.signed();
    // The column: relative as well, but for the first; nothing is made of it.
    points.unsigned();
    current?.add(line);
  }
  return count;
}

/** A blob (ECMA-335 II.23.2, II.24.2.4): its length, then bytes or compressed numbers. */
class BlobReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(blobs: Buffer, index: number) {
    this.#bytes = blobs;
    this.#at = index;
    this.#end = blobs.length;
    const length = this.unsigned();
    if (this.#at + length > blobs.length) throw new RangeError('a blob ends outside');
    this.#end = this.#at + length;
  }

  get hasMore(): boolean {
    return this.#at < this.#end;
  }

  byte(): number {
    if (this.#at >= this.#end) throw new RangeError('a blob has ended');
    return this.#bytes.readUInt8(this.#at++);
  }

  unsigned(): number {
    return this.#compressed().value;
  }

  /** The sign is the lowest bit. */
  signed(): number {
    const { value, bits } = this.#compressed();
    return value & 1 ? (value >> 1) - 2 ** (bits - 1) : value >> 1;
  }

  text(): string {
    return this.#bytes.toString('utf8', this.#at, this.#end);
  }

  #compressed(): { value: number; bits: number } {
    const first = this.byte();
    if (first < 0x80) return { value: first, bits: 7 };
    if (first < 0xc0) return { value: ((first & 0x3f) << 8) | this.byte(), bits: 14 };
    const value = ((first & 0x1f) << 24) | (this.byte() << 16) | (this.byte() << 8) | this.byte();
    return { value, bits: 29 };
  }
}
