/** How a frame was found, which determines how reliable it is. */
export const FRAME_TRUSTS = [
  /** From V8's own structured call site. */
  'call-site',
  /** From formatted stack text; every name in it was found in the source file or in the executable. */
  'vouched-text',
  /** The place of the throw, from the source excerpt Node prints at death, compared with the file. */
  'throw-site',
  /** From V8's heap: the function is certain; the position is its start, not the call. */
  'v8-heap',
  /** Machine code: the current instruction of the thread; needs no unwinding. */
  'ip',
  /** Unwound by call frame information from the compiler. */
  'cfi',
  /** From the chain of saved frame pointers: calls in between can be missing. */
  'frame-pointer',
  /** A stack word that looks like a return address: it can be left over from an earlier call. */
  'scan',
  /** From stack text of a runtime; there was nothing to compare it with. Never has a line. */
  'printed',
  /** From stack text of a sender other than crashmon: not verified. */
  'sender-text',
] as const;
export type FrameTrust = (typeof FRAME_TRUSTS)[number];

/** A place in a file of machine code: enough to find the source elsewhere if it is stripped. */
export type NativePlace = {
  /**
   * Absolute path of the executable or shared library (`[vdso]` for the kernel's), null for code without a file (made
   * at run time); in a redacted report the name of the file, or relative to the app's root.
   */
  image: string | null;
  /**
   * `0x` and hexadecimal digits: how far from the start of the image's first mapping, as minidumps count it; a return
   * address less one, so that it lies in the call. The address itself where there is no image, null for that in a
   * redacted report.
   */
  offset: string | null;
  /** Lower-case hexadecimal, null if the image has none. */
  buildId: string | null;
  /** Inlined into the function of the next frame, which has the same place. */
  inlined: boolean;
};

/** A place in WebAssembly, as its tools expect it. */
export type WasmPlace = {
  functionIndex: number;
  /** From the start of the module. */
  byteOffset: number;
};

/** Why a frame has a file but no line. */
export const NO_LINE_REASONS = [
  /** The code that ran differs from the file, and there is no source map. */
  'transpiled',
  /** The file changed after the worker started. */
  'changed',
  /** The source map does not match the source on disk: the source is newer, or a loader changed it. */
  'other-source',
] as const;
export type NoLineReason = (typeof NO_LINE_REASONS)[number];

/** One frame of a stack; index 0 is the innermost. Every field is optional in the sense that it may be null. */
export type Frame = {
  function: string | null;
  /** Absolute path, `node:` name or other URL from the runtime; in a redacted report relative to the app's root. */
  file: string | null;
  /** 1-based. */
  line: number | null;
  /** 1-based. */
  column: number | null;
  /**
   * `null` for the app's own code, the package's name for a dependency, `node` for the runtime's own code, the library's
   * file name for other machine code.
   */
  module: string | null;
  inApp: boolean;
  /** How many times in a row the frame (or the cycle it belongs to) occurred; 1 when not folded. */
  repeat: number;
  trust: FrameTrust;
  /** Only for machine code. */
  native?: NativePlace;
  /** Only for WebAssembly, which has no lines. */
  wasm?: WasmPlace;
  /** Set if the line was withheld because it could be wrong. */
  noLine?: NoLineReason;
};
