/** How a frame was found, which is how far it can be believed. */
export const FRAME_TRUSTS = [
  /** From V8's own structured call site. */
  'call-site',
  /** From stack text that was already formatted; every name in it was found again in the source file. */
  'vouched-text',
  /** The place of the throw, from the source excerpt Node prints at death, compared with the file. */
  'throw-site',
  /** From V8's heap, which names the function for certain; the position is where the function begins, not the call. */
  'v8-heap',
  /** Machine code: the instruction that the thread was at; it needs no unwinding. */
  'ip',
  /** Unwound by call frame information, which the compiler wrote for it. */
  'cfi',
  /** Found by the chain of saved frame pointers: calls in between may be missing. */
  'frame-pointer',
  /** A word on the stack that looks like a return address: it may be left over from an earlier call. */
  'scan',
  /** From stack text that a sender other than crashmon printed: nothing vouches for it. */
  'sender-text',
] as const;
export type FrameTrust = (typeof FRAME_TRUSTS)[number];

/** A place in a file of machine code: enough to find its source elsewhere when it was stripped. */
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
  /** Lower-case hexadecimal, null where the image has none. */
  buildId: string | null;
  /** The function's code was put into that of the next frame, which has the same place. */
  inlined: boolean;
};

/** A place in WebAssembly, as tools for it want it. */
export type WasmPlace = {
  functionIndex: number;
  /** From the start of the module. */
  byteOffset: number;
};

/** Why a frame names a file without a line. */
export const NO_LINE_REASONS = [
  /** The text that ran is not the file's, and no source map leads from one to the other. */
  'transpiled',
  /** The file was changed after the worker had started. */
  'changed',
  /** The source map was made of another text than the source on disk: of an older one, or of what a loader made of it. */
  'other-source',
] as const;
export type NoLineReason = (typeof NO_LINE_REASONS)[number];

/** One frame of a stack; index 0 is the innermost. Every field is optional in the sense that it may be null. */
export type Frame = {
  function: string | null;
  /** Absolute path, `node:` name or other URL as the runtime gave it; in a redacted report relative to the app's root. */
  file: string | null;
  /** 1-based. */
  line: number | null;
  /** 1-based. */
  column: number | null;
  /**
   * `null` for the app's own code, the package's name for a dependency, `node` for the runtime's own code, the library's
   * file name for machine code of others.
   */
  module: string | null;
  inApp: boolean;
  /** How many times in a row the frame (or the cycle it belongs to) occurred; 1 when not folded. */
  repeat: number;
  trust: FrameTrust;
  /** Only frames of machine code have one. */
  native?: NativePlace;
  /** Only frames of WebAssembly have one; they have no line. */
  wasm?: WasmPlace;
  /** Only where a line was withheld because it could be wrong. */
  noLine?: NoLineReason;
};
