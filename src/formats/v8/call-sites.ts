import type { RawFrame } from '../../model/probe-record.ts';
import type { V8ErrorLayout } from './v8-error-layout.ts';
import type { V8Heap } from './v8-heap.ts';
import { smi, type V8Objects } from './v8-objects.ts';

const MAX_FRAMES = 200;
/** What V8 keeps of a call: code, receiver and function in an order that changed, position, flags, parameters. */
const WORDS = 6;

/**
 * Frames of an Error whose stack nothing has read: V8 keeps the calls, and writes them as text only when it is asked. They
 * have function and file; the line would have to be computed from tables of the code.
 *
 * Up to Node 24 the array holds a CallSiteInfo for each call, in Node 26 its fields one after the other.
 */
export function framesOfCallSites(
  array: bigint,
  { objects, heap, layout }: { objects: V8Objects; heap: V8Heap; layout: V8ErrorLayout },
): RawFrame[] {
  const field = (object: bigint, index: number): bigint =>
    objects.field(object, layout.arrayData + index * 8) ?? 0n;
  if (objects.typeOf(array) !== layout.fixedArrayType) return [];
  const length = Math.min(
    smi(objects.field(array, layout.arrayLength) ?? undefined) ?? 0,
    MAX_FRAMES * WORDS,
  );
  const frames: RawFrame[] = [];
  const add = (words: readonly bigint[]): void => {
    // The receiver can be a function, too, and comes first.
    const callee = words.findLast((word) => objects.typeOf(word) === layout.functionType);
    const found = callee === undefined ? null : heap.functionAt(callee);
    if (found === null || frames.length === MAX_FRAMES) return;
    frames.push({ function: found.function, file: found.script, line: null, column: null, async: false });
  };
  for (let index = 0; index < length; ) {
    const first = field(array, index);
    if (objects.typeOf(first) === layout.callSiteType) {
      add([1, 2, 3].map((word) => objects.field(first, word * 8) ?? 0n));
      index += 1;
    } else {
      add([0, 1, 2].map((word) => field(array, index + word)));
      index += WORDS;
    }
  }
  return frames;
}
