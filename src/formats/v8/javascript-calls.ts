import type { JavaScriptCall } from '../../model/native-stack.ts';
import type { V8Heap } from './v8-heap.ts';
import type { V8Layout } from './v8-layout.ts';
import { isTagged } from './v8-objects.ts';

/**
 * Calls of JavaScript on a thread's stack, innermost first, from the memory alone: nothing runs in the process. A call
 * is a saved frame pointer beside a return address whose frame holds a context and a function, as V8 lays out frames of
 * interpreted, baseline and optimized code alike (`v8dbg_off_fp_…`). What a finished call left on the stack looks the
 * same, so believe a call only where unwinding comes past its address too (`mergeJavaScript`). Functions that V8 inlined
 * into others have no frame.
 *
 * `stack` begins at the stack pointer; `address` is that of its first byte, a multiple of 8.
 */
export function findJavaScriptCalls(stack: StackBytes, heap: V8Heap, layout: V8Layout): JavaScriptCall[] {
  const calls: JavaScriptCall[] = [];
  for (const { slot: _, ...call } of javaScriptFrames(stack, heap, layout)) {
    if (calls.push(call) === MAX_CALLS) break;
  }
  return calls;
}

export type StackBytes = { address: bigint; bytes: Uint8Array };

/** The same calls with the address of the slot that holds their caller's frame pointer; not bounded in number. */
export function* javaScriptFrames(
  stack: StackBytes,
  heap: V8Heap,
  layout: V8Layout,
): Iterable<JavaScriptCall & { slot: bigint }> {
  const words = new BigUint64Array(Uint8Array.from(stack.bytes.subarray(0, stack.bytes.length & ~7)).buffer);
  const end = stack.address + BigInt(words.length) * 8n;
  const at = (address: bigint): bigint => words[Number((address - stack.address) >> 3n)] ?? 0n;
  for (let index = 0; index + 1 < words.length; index++) {
    const framePointer = words[index] ?? 0n;
    const slot = stack.address + BigInt(index) * 8n;
    if (framePointer <= slot || framePointer >= end || (framePointer & 7n) !== 0n) continue;
    const callee = at(framePointer + BigInt(layout.frameFunction));
    if (!isTagged(callee) || !isTagged(at(framePointer + BigInt(layout.frameContext)))) continue;
    const found = heap.functionAt(callee);
    if (found !== null) yield { slot, address: words[index + 1] ?? 0n, ...found };
  }
}

/** Enough for what a report shows; every call takes some 30 reads. */
const MAX_CALLS = 200;
