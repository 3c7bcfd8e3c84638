import type { ReadBytes } from '../elf/memory-reader.ts';
import type { V8Layout } from './v8-layout.ts';

/** Objects of V8's heap, whatever is there instead: types are looked at first, and lengths are bounded. Never throws. */
export class V8Objects {
  readonly #read: ReadBytes;
  readonly #layout: V8Layout;
  #bytesLeft = MAX_STRING_BYTES;

  constructor(read: ReadBytes, layout: V8Layout) {
    this.#read = read;
    this.#layout = layout;
  }

  /** null if it is no string, or longer than `maxLength`; one that is put together is cut. */
  string(word: bigint, maxLength = MAX_STRING, depth = 0): string | null {
    const { firstNonstringType, stringLength, stringCharacters } = this.#layout;
    const type = depth > MAX_DEPTH ? null : this.typeOf(word);
    if (type === null || type >= firstNonstringType) return null;
    const representation = type & 7;
    if (representation === THIN)
      return this.string(this.field(word, this.#layout.thinActual) ?? 0n, maxLength, depth + 1);
    if (representation === CONS) {
      const first = this.string(this.field(word, this.#layout.consFirst) ?? 0n, maxLength, depth + 1);
      const second = this.string(this.field(word, this.#layout.consSecond) ?? 0n, maxLength, depth + 1);
      return first === null || second === null ? null : (first + second).slice(0, maxLength);
    }
    if (representation !== SEQUENTIAL) return null;
    const header = this.#read(word - TAG + BigInt(stringLength), 4);
    const length =
      header.length < 4 ? -1 : new DataView(header.buffer, header.byteOffset, 4).getInt32(0, true);
    if (length < 0 || length > maxLength) return null;
    const isOneByte = (type & ONE_BYTE) !== 0;
    const size = isOneByte ? length : length * 2;
    this.#bytesLeft -= size;
    if (this.#bytesLeft < 0) return null;
    const bytes = this.#read(word - TAG + BigInt(stringCharacters), size);
    if (bytes.length < size) return null;
    return Buffer.from(bytes).toString(isOneByte ? 'latin1' : 'utf16le');
  }

  /** The instance type of an object; null if the word is no pointer to one. */
  typeOf(word: bigint): number | null {
    if (!isTagged(word)) return null;
    const map = this.field(word, 0);
    if (map === null || !isTagged(map)) return null;
    const bytes = this.#read(map - TAG + BigInt(this.#layout.mapInstanceType), 2);
    return bytes.length < 2 ? null : (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  }

  /** The word at an offset in an object, null where nothing can be read. */
  field(word: bigint, offset: number): bigint | null {
    return this.word(word - TAG + BigInt(offset));
  }

  /** Part of an object that holds no pointers; null where not all of it can be read. */
  bytes(word: bigint, offset: number, length: number): Uint8Array | null {
    const bytes = this.#read(word - TAG + BigInt(offset), length);
    return bytes.length < length ? null : bytes;
  }

  /** The word at an address, null where nothing can be read. */
  word(address: bigint): bigint | null {
    if (address < MIN_ADDRESS || address >= MAX_ADDRESS) return null;
    const bytes = this.#read(address, 8);
    return bytes.length < 8 ? null : new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  }
}

/** A pointer to an object of the heap ends in the bits 01. */
export function isTagged(word: bigint): boolean {
  return (word & 3n) === TAG && word > MIN_ADDRESS && word < MAX_ADDRESS;
}

/** A small integer, in the upper half of a word whose lower half is 0. */
export function smi(word: bigint | undefined): number | null {
  return word !== undefined && (word & 0xffffffffn) === 0n ? Number(BigInt.asIntN(32, word >> 32n)) : null;
}

/** Of a pointer to an object. */
export const TAG = 1n;
const SEQUENTIAL = 0;
const CONS = 1;
const THIN = 5;
const ONE_BYTE = 8;
const MAX_STRING = 4096;
/** Of all strings that one reader reads: the halves of one can be made of the same halves, and so on. */
const MAX_STRING_BYTES = 4 * 1024 * 1024;
const MAX_DEPTH = 10;
const MIN_ADDRESS = 0x10000n;
/** Of a process. */
const MAX_ADDRESS = 1n << 48n;
