import type { JavaScriptCall, NativeFrame } from '../model/native-stack.ts';

/**
 * A Node thread's stack with its JavaScript calls inserted. A call is inserted where unwinding passes its address. V8's
 * frames between the languages are dropped.
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

/** V8's built-in functions are in Node's executable, or copied from it. */
function isBuiltin(frame: NativeFrame): boolean {
  return frame.function?.startsWith('Builtins_') === true;
}

/**
 * JIT code is in no file. In the file of built-in functions, unnamed code is JIT code too: a deoptimized function returns to
 * the first byte of a built-in, and the byte before it, where a return address is looked up, has no name
 * (`Builtins_InterpreterEnterAtNextBytecode`).
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
