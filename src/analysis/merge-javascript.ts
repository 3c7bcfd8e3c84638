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
  const builtins = new Set(frames.filter(isBuiltin).map(({ module }) => module));
  const isCode = (frame: NativeFrame) => isBuiltin(frame) || isUnnamed(frame, builtins);
  let next = 0;
  for (const frame of frames) {
    if (!frame.isReturnAddress || !isCode(frame)) {
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

/** V8's built-in functions are in Node's file, or copied from there. */
function isBuiltin(frame: NativeFrame): boolean {
  return frame.function?.startsWith('Builtins_') === true;
}

/**
 * Machine code that V8 made is in no file. In the file of the built-in functions, what has no name is one of them too:
 * the call that a deoptimized function goes on with comes back to the first byte of one, and what lies before that byte,
 * where a call is looked up, is none (`Builtins_InterpreterEnterAtNextBytecode`).
 */
function isUnnamed(frame: NativeFrame, builtins: ReadonlySet<string | null>): boolean {
  return frame.module === null || (frame.function === null && builtins.has(frame.module));
}

function isPlumbing({ module, function: name }: NativeFrame): boolean {
  return (
    module === null ||
    name === null ||
    /^Builtins_(?:CEntry_|JSEntry|JSConstructEntry|JSRunMicrotasksEntry|RunMicrotasks)/.test(name)
  );
}
