import type { RawFrame, ThrownValue } from '../../model/probe-record.ts';
import { type CallSiteParts, framesOfCallSites } from './call-sites.ts';
import { framesOfStackString } from './stack-string.ts';
import { smi } from './v8-objects.ts';
import { V8Properties } from './v8-properties.ts';

const MAX_DEPTH = 8;
const MAX_MEMBERS = 10;
const MAX_VALUES = 40;
const MAX_MESSAGE = 64 * 1024;
const MAX_STACK = 256 * 1024;
const MAX_NAME = 256;

/**
 * What the probe would record of an Error, from V8's heap. Private: it holds the message. Frames need verification, as
 * the ones of text do.
 */
export function describeError(error: bigint, parts: CallSiteParts): ThrownValue {
  return new ErrorReader(parts).describe(error, 0);
}

class ErrorReader {
  readonly #parts: CallSiteParts;
  readonly #properties: V8Properties;
  readonly #seen = new Set<bigint>();

  constructor(parts: CallSiteParts) {
    this.#parts = parts;
    this.#properties = new V8Properties(parts.objects, parts.layout);
  }

  describe(error: bigint, depth: number): ThrownValue {
    this.#seen.add(error);
    const type = this.#typeOf(error);
    const message = this.#text(this.#properties.inherited(error, 'message'), MAX_MESSAGE) ?? '';
    const frames = this.#frames(error, message);
    const cause = this.#properties.own(error, 'cause');
    const members = depth < MAX_DEPTH ? this.#members(error) : [];
    return {
      isError: true,
      type,
      code: this.#text(this.#properties.inherited(error, 'code'), MAX_NAME),
      message,
      messageLength: message.length,
      frameSource: frames.length > 0 ? 'text' : 'none',
      frames,
      stackOverflow: type === 'RangeError' && message === 'Maximum call stack size exceeded',
      cause: depth < MAX_DEPTH && this.#isNew(cause) ? this.describe(cause, depth + 1) : null,
      errors: members
        .filter((member) => this.#isNew(member))
        .map((member) => this.describe(member, depth + 1)),
      errorsTotal: members.length,
      emitter: null,
    };
  }

  /** The name of its class. */
  #typeOf(error: bigint): string {
    const { heap } = this.#parts;
    const made = this.#properties.inherited(error, 'constructor');
    const name = made === null ? null : (heap.functionAt(made)?.function ?? null);
    // Older Nodes make their own errors with one class of this name.
    const own = name === 'NodeError' ? this.#text(this.#properties.inherited(error, 'name'), MAX_NAME) : null;
    return (own ?? name ?? 'Error').slice(0, MAX_NAME);
  }

  /** The text, if something has read it, else the calls. */
  #frames(error: bigint, message: string): RawFrame[] {
    const { objects, layout } = this.#parts;
    const replaced = this.#properties.own(error, 'stack');
    for (const value of [...(replaced === null ? [] : [replaced]), ...this.#properties.internal(error)]) {
      const text = this.#text(value, MAX_STACK);
      if (text !== null) return framesOfStackString(text, message);
      // Captured for the inspector, too: the calls are its first field.
      const isData = objects.typeOf(value) === layout.stackDataType;
      const frames = framesOfCallSites(isData ? (objects.field(value, 8) ?? 0n) : value, this.#parts);
      if (frames.length > 0) return frames;
    }
    return [];
  }

  /** Of an AggregateError. */
  #members(error: bigint): bigint[] {
    const { objects, layout } = this.#parts;
    const array = this.#properties.own(error, 'errors');
    const elements = array === null ? null : objects.field(array, layout.elements);
    if (elements === null || objects.typeOf(elements) !== layout.fixedArrayType) return [];
    const length = smi(objects.field(elements, layout.arrayLength) ?? undefined) ?? 0;
    return Array.from({ length: Math.max(0, Math.min(length, MAX_MEMBERS)) }, (_, index) =>
      objects.field(elements, layout.arrayData + index * 8),
    ).filter((member) => member !== null && objects.typeOf(member) === layout.errorType) as bigint[];
  }

  #isNew(value: bigint | null): value is bigint {
    const { objects, layout } = this.#parts;
    if (value === null || this.#seen.has(value) || this.#seen.size >= MAX_VALUES) return false;
    return objects.typeOf(value) === layout.errorType;
  }

  #text(word: bigint | null, maxLength: number): string | null {
    return word === null ? null : this.#parts.objects.string(word, maxLength);
  }
}
