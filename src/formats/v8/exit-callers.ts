import type { RawFrame } from '../../model/probe-record.ts';
import { javaScriptFrames, type StackBytes } from './javascript-calls.ts';
import type { V8Heap } from './v8-heap.ts';
import type { V8Layout } from './v8-layout.ts';

const EXIT = { name: 'exit', script: 'node:internal/process/per_thread' };
const MAX_FRAMES = 200;
const MAX_STEPS = 1000;

/**
 * Who called `process.exit` in a process that is exiting: innermost first, without lines. Found by the chain of frame
 * pointers, so that nothing that a finished call left counts; it ends where JavaScript was called by Node's own code. null
 * if the innermost JavaScript is not that function.
 */
export function findExitCallers(stack: StackBytes, heap: V8Heap, layout: V8Layout): RawFrame[] | null {
  const view = new DataView(stack.bytes.buffer, stack.bytes.byteOffset, stack.bytes.byteLength);
  const frames: RawFrame[] = [];
  let next: bigint | null = null;
  for (const { slot, function: name, script } of javaScriptFrames(stack, heap, layout)) {
    if (next === null) {
      if (name !== EXIT.name || script !== EXIT.script) return null;
      next = callerOf(slot);
      continue;
    }
    for (let step = 0; next !== null && next < slot && step < MAX_STEPS; step++) next = callerOf(next);
    if (next === null || frames.length === MAX_FRAMES) break;
    if (next !== slot) continue;
    frames.push({ function: name, file: script, line: null, column: null, async: false });
    next = callerOf(slot);
  }
  return next === null && frames.length === 0 ? null : frames;

  /** The slot of the next frame; frames lie one above the other. */
  function callerOf(slot: bigint): bigint | null {
    const at = Number(slot - stack.address);
    if (at < 0 || at + 8 > view.byteLength) return null;
    const pointer = view.getBigUint64(at, true);
    return pointer > slot ? pointer : null;
  }
}
