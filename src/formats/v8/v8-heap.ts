import type { ReadBytes } from '../elf/memory-reader.ts';
import type { V8Layout } from './v8-layout.ts';

export type HeapFunction = { function: string | null; script: string | null; position: number | null };

/**
 * Reads names of functions and scripts out of V8's heap, which may be in any state: every object's type is looked at
 * before it is believed, and lengths and depths are bounded. Reads nothing but names: no source, no values. Never throws.
 */
export class V8Heap {
  readonly #read: ReadBytes;
  readonly #layout: V8Layout;

  constructor(read: ReadBytes, layout: V8Layout) {
    this.#read = read;
    this.#layout = layout;
  }

  /** null if the tagged word is no JSFunction with a SharedFunctionInfo. */
  functionAt(word: bigint): HeapFunction | null {
    const layout = this.#layout;
    const type = this.#typeOf(word);
    if (type === null || type < layout.firstNonstringType) return null;
    const shared = this.#field(word, layout.functionShared);
    if (shared === null || this.#typeOf(shared) !== layout.sharedType) return null;
    const named = this.#field(shared, layout.sharedName);
    const script = this.#field(shared, layout.sharedScript);
    const isScript = script !== null && this.#typeOf(script) === layout.scriptType;
    const scope = named !== null && this.#typeOf(named) === layout.scopeType ? this.#scopeWords(named) : null;
    return {
      ...(scope === null || named === null
        ? { function: named === null ? null : this.#string(named, 0), position: null }
        : this.#nameInScope(scope)),
      script: isScript ? this.#string(this.#field(script, layout.scriptName) ?? 0n, 0) : null,
    };
  }

  /**
   * ScopeInfo: flags, counts, in newer versions where the function starts and ends, names of variables that live in
   * contexts, a number for each of them, the function's name and its slot, an inferred name, in older versions where it
   * starts and ends. Variables' names are not the function's: they are passed over by their count.
   */
  #nameInScope(words: BigUint64Array): { function: string | null; position: number | null } {
    const { scopeFirstVariable, scopeLocalCount } = this.#layout;
    const locals = smi(words[scopeLocalCount]);
    if (locals === null || locals < 0) return { function: null, position: null };
    let at = scopeFirstVariable + (locals < MAX_INLINED_LOCALS ? locals : 1);
    while (at < words.length && smi(words[at]) !== null) at++;
    const name = this.#string(words[at] ?? 0n, 0);
    const starts = scopeFirstVariable >= 5 ? [3] : [at + 2, at + 3, at + 1];
    const position = starts.map((index) => startOf(words, index)).find((start) => start !== null) ?? null;
    return { function: name === '' ? null : name, position };
  }

  #scopeWords(scope: bigint): BigUint64Array | null {
    const wanted = (this.#layout.scopeFirstVariable + 2 * MAX_INLINED_LOCALS + 8) * 8;
    const bytes = this.#read(scope - TAG + 8n, wanted);
    return new BigUint64Array(Uint8Array.from(bytes.subarray(0, bytes.length & ~7)).buffer);
  }

  #string(word: bigint, depth: number): string | null {
    const { firstNonstringType, stringLength, stringCharacters } = this.#layout;
    const type = depth > MAX_DEPTH ? null : this.#typeOf(word);
    if (type === null || type >= firstNonstringType) return null;
    const representation = type & 7;
    if (representation === THIN)
      return this.#string(this.#field(word, this.#layout.thinActual) ?? 0n, depth + 1);
    if (representation === CONS) {
      const first = this.#string(this.#field(word, this.#layout.consFirst) ?? 0n, depth + 1);
      const second = this.#string(this.#field(word, this.#layout.consSecond) ?? 0n, depth + 1);
      return first === null || second === null ? null : (first + second).slice(0, MAX_STRING);
    }
    if (representation !== SEQUENTIAL) return null;
    const header = this.#read(word - TAG + BigInt(stringLength), 4);
    const length =
      header.length < 4 ? -1 : new DataView(header.buffer, header.byteOffset, 4).getInt32(0, true);
    if (length < 0 || length > MAX_STRING) return null;
    const isOneByte = (type & ONE_BYTE) !== 0;
    const size = isOneByte ? length : length * 2;
    const bytes = this.#read(word - TAG + BigInt(stringCharacters), size);
    if (bytes.length < size) return null;
    return Buffer.from(bytes).toString(isOneByte ? 'latin1' : 'utf16le');
  }

  #typeOf(word: bigint): number | null {
    if (!isTagged(word)) return null;
    const map = this.#field(word, 0);
    if (map === null || !isTagged(map)) return null;
    const bytes = this.#read(map - TAG + BigInt(this.#layout.mapInstanceType), 2);
    return bytes.length < 2 ? null : (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  }

  #field(word: bigint, offset: number): bigint | null {
    const bytes = this.#read(word - TAG + BigInt(offset), 8);
    return bytes.length < 8 ? null : new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  }
}

/** A pointer to an object of the heap ends in the bits 01. */
export function isTagged(word: bigint): boolean {
  return (word & 3n) === TAG && word > 0x10000n && word < 1n << 48n;
}

const TAG = 1n;
const SEQUENTIAL = 0;
const CONS = 1;
const THIN = 5;
const ONE_BYTE = 8;
const MAX_STRING = 4096;
const MAX_DEPTH = 10;
/** `kScopeInfoMaxInlinedLocalNamesSize`: more are in a table of their own. */
const MAX_INLINED_LOCALS = 75;

/** A small integer, in the upper half of a word whose lower half is 0. */
function smi(word: bigint | undefined): number | null {
  return word !== undefined && (word & 0xffffffffn) === 0n ? Number(BigInt.asIntN(32, word >> 32n)) : null;
}

function startOf(words: BigUint64Array, index: number): number | null {
  const start = smi(words[index]);
  const end = smi(words[index + 1]);
  return start !== null && end !== null && start >= 0 && end > start ? start : null;
}
