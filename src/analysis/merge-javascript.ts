import type { JavaScriptCall, NativeFrame } from '../model/native-stack.ts';

/**
 * The stack of a thread of Node's with its calls of JavaScript in their places. A call is taken where unwinding came
 * past its address, in order; frames of V8's that only lead from one language to the other are left out.
 */
export function mergeJavaScript(
  frames: readonly NativeFrame[],
  calls: readonly JavaScriptCall[],
): (NativeFrame | JavaScriptCall)[] {
  const merged: (NativeFrame | JavaScriptCall)[] = [];
  let next = 0;
  for (const frame of frames) {
    if (!mayBeJavaScript(frame)) {
      merged.push(frame);
      continue;
    }
    const found = calls.findIndex((call, index) => index >= next && call.address === frame.address);
    const call = calls[found];
    if (call !== undefined) {
      merged.push(call);
      next = found + 1;
    } else if (calls.length === 0 || !isPlumbing(frame)) merged.push(frame);
  }
  return merged;
}

/** Machine code that V8 made is in no file; its built-in functions are in Node's, or copied from there. */
function mayBeJavaScript(frame: NativeFrame): boolean {
  return frame.isReturnAddress && (frame.module === null || frame.function?.startsWith('Builtins_') === true);
}

function isPlumbing({ module, function: name }: NativeFrame): boolean {
  return (
    module === null ||
    /^Builtins_(?:CEntry_|JSEntry|JSConstructEntry|JSRunMicrotasksEntry|RunMicrotasks)/.test(name ?? '')
  );
}
