import { javaScriptFrames, type StackBytes } from './javascript-calls.ts';
import type { V8ErrorLayout } from './v8-error-layout.ts';
import type { V8Heap } from './v8-heap.ts';
import type { V8Layout } from './v8-layout.ts';
import { isTagged, type V8Objects } from './v8-objects.ts';

/** A function of a program: its first address, and the first one after it. */
export type CodeRange = { readonly start: bigint; readonly end: bigint };

/** What was thrown and ends the process. */
export type FoundThrown = {
  event: 'uncaught' | 'rejection' | 'handled-rejection';
  /** The JSError, tagged. null: another value was thrown, or it is not certain which error it was. */
  error: bigint | null;
  /** A listener of the app runs, and ends the process. */
  isHandled: boolean;
};

export type ThrownSearch = {
  /** From the stack pointer of the main thread up. */
  stack: StackBytes;
  heap: V8Heap;
  objects: V8Objects;
  layout: V8Layout;
  errorLayout: V8ErrorLayout;
  /** `node::errors::TriggerUncaughtException`: Node calls it for what no code of the app catches. */
  trigger: CodeRange;
};

/** How far from the return address the function's own variables and saved registers are, in words. */
const FRAME_WORDS_ABOVE = 64;
const FRAME_WORDS_BELOW = 16;
/** A main thread has a few thousand. */
const MAX_WORDS = 32 * 1024;

/**
 * Finds the exception on the stack of a Node process that is exiting: all functions that lead to the exit still have their
 * frames there, and handles in these keep their objects alive.
 *
 * The proof that it was uncaught is a return address in Node's own function for that; the error is the one in that
 * function's frame. A rejection is recognized by the JavaScript function that processes rejections. Where a listener ends
 * the process within it, the error is the one nearest to that function: the first that was handed on. An app that
 * catches an error and exits has neither function on its stack, and null is returned.
 */
export function findThrown(search: ThrownSearch): FoundThrown | null {
  const { stack, trigger, heap, layout } = search;
  const size = Math.min(stack.bytes.length >> 3, MAX_WORDS);
  const words = new BigUint64Array(Uint8Array.from(stack.bytes.subarray(0, size * 8)).buffer);
  const bytes = stack.bytes.subarray(0, size * 8);
  const triggered = words.findIndex((word) => word >= trigger.start && word < trigger.end);
  let isHandled = false;
  let rejections: number | null = null;
  for (const { slot, function: name, script } of javaScriptFrames({ ...stack, bytes }, heap, layout)) {
    const index = Number((slot - stack.address) >> 3n);
    if (triggered < 0 || index < triggered) isHandled = true;
    if (rejections === null && name === REJECTIONS.name && script === REJECTIONS.script) rejections = index;
    if (rejections !== null) break;
  }
  if (triggered >= 0) {
    const near = (from: number, to: number): Set<bigint> => errorsIn(search, words.subarray(from, to));
    const above = near(triggered + 1, triggered + 1 + FRAME_WORDS_ABOVE);
    const found = above.size > 0 ? above : near(Math.max(0, triggered - FRAME_WORDS_BELOW), triggered);
    const event = rejections !== null && rejections > triggered ? 'rejection' : 'uncaught';
    return { event, error: found.size === 1 ? ([...found][0] ?? null) : null, isHandled };
  }
  if (rejections === null) return null;
  const handedOn = [...errorsIn(search, words.subarray(0, rejections + 1))];
  return { event: 'handled-rejection', error: handedOn.at(-1) ?? null, isHandled: true };
}

const REJECTIONS = { name: 'processPromiseRejections', script: 'node:internal/process/promises' };

/** Errors that words point to, directly or by a handle; the last one seen is the last. */
function errorsIn(
  { objects, errorLayout }: Pick<ThrownSearch, 'objects' | 'errorLayout'>,
  words: BigUint64Array,
): Set<bigint> {
  const found = new Set<bigint>();
  for (const word of words) {
    const isHandle = (word & 7n) === 0n;
    const object = isTagged(word) ? word : isHandle ? (objects.word(word) ?? 0n) : 0n;
    if (objects.typeOf(object) !== errorLayout.errorType) continue;
    if (objects.typeOf(objects.field(object, 0) ?? 0n) !== errorLayout.mapType) continue;
    found.delete(object);
    found.add(object);
  }
  return found;
}
