import type { RawFrame } from '../../model/probe-record.ts';
import { lineAndColumn, positionAt, readPositionTable } from './source-positions.ts';
import type { V8ErrorLayout } from './v8-error-layout.ts';
import type { V8Heap } from './v8-heap.ts';
import type { V8Layout } from './v8-layout.ts';
import { smi, type V8Objects } from './v8-objects.ts';

const MAX_FRAMES = 200;
/** What V8 keeps of a call. */
const WORDS = 6;
/** Strict, constructor, async: with any other flag the offset means something else. */
const KNOWN_FLAGS = 4 | 8 | 32;
/** Words of a BytecodeArray before its code. */
const MAX_HEADER_WORDS = 8;
const MAX_TABLE_BYTES = 256 * 1024;
const MAX_SOURCE = 2 * 1024 * 1024;

export type CallSiteParts = { objects: V8Objects; heap: V8Heap; v8: V8Layout; layout: V8ErrorLayout };

/**
 * Frames of an Error whose stack nothing has read: V8 keeps the calls, and writes them as text only when it is asked. Up to
 * Node 24 the array holds a CallSiteInfo for each call, in Node 26 its fields one after the other; their order changed,
 * so a field is known by the type of its object. A call of optimized code has no line.
 */
export function framesOfCallSites(array: bigint, parts: CallSiteParts): RawFrame[] {
  const { objects, layout } = parts;
  if (objects.typeOf(array) !== layout.fixedArrayType) return [];
  const field = (index: number): bigint => objects.field(array, layout.arrayData + index * 8) ?? 0n;
  const length = Math.min(
    smi(objects.field(array, layout.arrayLength) ?? undefined) ?? 0,
    MAX_FRAMES * WORDS,
  );
  const reader = new CallSiteReader(parts);
  const frames: RawFrame[] = [];
  for (let index = 0; index < length && frames.length < MAX_FRAMES; ) {
    const first = field(index);
    const isObject = objects.typeOf(first) === layout.callSiteType;
    const word = (at: number): bigint =>
      isObject ? (objects.field(first, at * 8 + 8) ?? 0n) : field(index + at);
    const frame = reader.frameOf(Array.from({ length: WORDS }, (_, at) => word(at)));
    if (frame !== null) frames.push(frame);
    index += isObject ? 1 : WORDS;
  }
  return frames;
}

class CallSiteReader {
  readonly #parts: CallSiteParts;
  readonly #sources = new Map<bigint, string | null>();

  constructor(parts: CallSiteParts) {
    this.#parts = parts;
  }

  frameOf(words: readonly bigint[]): RawFrame | null {
    const { objects, heap, layout } = this.#parts;
    // The receiver can be a function, too, and comes first.
    const callee = words.findLast((word) => objects.typeOf(word) === layout.functionType);
    const found = callee === undefined ? null : heap.functionAt(callee);
    if (callee === undefined || found === null) return null;
    const code = words
      .map((word) => this.#unwrapped(word))
      .find((word) => objects.typeOf(word) === layout.bytecodeType);
    const [offset, flags = 0] = words.map((word) => smi(word)).filter((number) => number !== null);
    const isKnown = code !== undefined && offset !== undefined && (flags & ~KNOWN_FLAGS) === 0;
    const place = isKnown ? this.#placeOf(callee, code, offset) : null;
    return {
      function: found.function,
      file: found.script,
      line: place?.line ?? null,
      column: place?.column ?? null,
      async: (flags & 32) !== 0,
    };
  }

  #unwrapped(code: bigint): bigint {
    const { objects, layout } = this.#parts;
    const type = objects.typeOf(code);
    const isWrapper = type === layout.bytecodeWrapperType && type !== layout.bytecodeType;
    return isWrapper ? (objects.field(code, 8) ?? 0n) : code;
  }

  #placeOf(callee: bigint, code: bigint, offset: number): { line: number; column: number } | null {
    const position = this.#positionOf(code, offset);
    const source = position === null ? null : this.#sourceOf(callee);
    return position === null || source === null ? null : lineAndColumn(source, position);
  }

  /** The table is one of the byte arrays in the header; what is none of its kind does not read as one. */
  #positionOf(code: bigint, offset: number): number | null {
    const { objects, layout } = this.#parts;
    for (let word = 2; word < Math.min(MAX_HEADER_WORDS, layout.bytecodeHeader / 8); word++) {
      const array = objects.field(code, word * 8) ?? 0n;
      if (objects.typeOf(array) !== layout.byteArrayType) continue;
      const length = smi(objects.field(array, layout.arrayLength) ?? undefined) ?? 0;
      const bytes =
        length > 0 && length <= MAX_TABLE_BYTES ? objects.bytes(array, layout.arrayData, length) : null;
      const table = bytes === null ? null : readPositionTable(bytes);
      if (table !== null) return positionAt(table, offset);
    }
    return null;
  }

  #sourceOf(callee: bigint): string | null {
    const { objects, v8, layout } = this.#parts;
    const shared = objects.field(callee, v8.functionShared) ?? 0n;
    const script = objects.field(shared, v8.sharedScript) ?? 0n;
    const known = this.#sources.get(script);
    if (known !== undefined) return known;
    const isScript = objects.typeOf(script) === v8.scriptType;
    const text = isScript
      ? objects.string(objects.field(script, layout.scriptSource) ?? 0n, MAX_SOURCE)
      : null;
    this.#sources.set(script, text);
    return text;
  }
}
