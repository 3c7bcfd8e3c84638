import type { Frame } from '../model/frame.ts';

/** Where a frame of a script is: `src/cart.ts:12:5`; in WebAssembly `wasm-function[3]:0x25`, as its tools want it. */
export function scriptPlace({
  file,
  line,
  column,
  wasm,
}: Pick<Frame, 'file' | 'line' | 'column' | 'wasm'>): string | null {
  if (wasm !== undefined) return `wasm-function[${wasm.functionIndex}]:0x${wasm.byteOffset.toString(16)}`;
  return file === null ? null : [file, line, column].filter((part) => part !== null).join(':');
}
