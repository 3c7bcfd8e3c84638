import type { ReadBytes } from '../elf/memory-reader.ts';
import type { V8Layout } from './v8-layout.ts';
import { smi, TAG, V8Objects } from './v8-objects.ts';

export type HeapFunction = { function: string | null; script: string | null; position: number | null };

/**
 * Reads names of functions and scripts out of V8's heap, which may be in any state: every object's type is looked at
 * before it is believed, and lengths and depths are bounded. Reads nothing but names: no source, no values. Never throws.
 */
export class V8Heap {
  readonly #read: ReadBytes;
  readonly #layout: V8Layout;
  readonly #objects: V8Objects;

  constructor(read: ReadBytes, layout: V8Layout) {
    this.#read = read;
    this.#layout = layout;
    this.#objects = new V8Objects(read, layout);
  }

  /** null if the tagged word is no JSFunction with a SharedFunctionInfo. */
  functionAt(word: bigint): HeapFunction | null {
    const layout = this.#layout;
    const type = this.#objects.typeOf(word);
    if (type === null || type < layout.firstNonstringType) return null;
    const shared = this.#objects.field(word, layout.functionShared);
    if (shared === null || this.#objects.typeOf(shared) !== layout.sharedType) return null;
    const named = this.#objects.field(shared, layout.sharedName);
    const script = this.#objects.field(shared, layout.sharedScript);
    const isScript = script !== null && this.#objects.typeOf(script) === layout.scriptType;
    const scope =
      named !== null && this.#objects.typeOf(named) === layout.scopeType ? this.#scopeWords(named) : null;
    return {
      ...(scope === null || named === null
        ? { function: named === null ? null : this.#objects.string(named), position: null }
        : this.#nameInScope(scope)),
      script: isScript ? this.#objects.string(this.#objects.field(script, layout.scriptName) ?? 0n) : null,
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
    const name = this.#objects.string(words[at] ?? 0n);
    const starts = scopeFirstVariable >= 5 ? [3] : [at + 2, at + 3, at + 1];
    const position = starts.map((index) => startOf(words, index)).find((start) => start !== null) ?? null;
    return { function: name === '' ? null : name, position };
  }

  #scopeWords(scope: bigint): BigUint64Array | null {
    const wanted = (this.#layout.scopeFirstVariable + 2 * MAX_INLINED_LOCALS + 8) * 8;
    const bytes = this.#read(scope - TAG + 8n, wanted);
    return new BigUint64Array(Uint8Array.from(bytes.subarray(0, bytes.length & ~7)).buffer);
  }
}

/** `kScopeInfoMaxInlinedLocalNamesSize`: more are in a table of their own. */
const MAX_INLINED_LOCALS = 75;

function startOf(words: BigUint64Array, index: number): number | null {
  const start = smi(words[index]);
  const end = smi(words[index + 1]);
  return start !== null && end !== null && start >= 0 && end > start ? start : null;
}
