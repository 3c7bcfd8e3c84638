import type { FrameTrust } from './frame.ts';
import type { Problem } from './problem.ts';

/** One call of machine code. Private: contains paths and addresses of the machine. */
export type NativeFrame = {
  address: bigint;
  /** The address is a return address: look up the address minus one. */
  isReturnAddress: boolean;
  /** Demangled, with parameter types if the tool gave them; null for stripped code. */
  function: string | null;
  /** The name as the tool printed it. */
  rawSymbol: string | null;
  /** From the debug information: absolute, or relative to a build directory. */
  file: string | null;
  /** 1-based. */
  line: number | null;
  /** 1-based. */
  column: number | null;
  /** Path of the executable or library, `[vdso]`, null for code without a file. */
  module: string | null;
  /** Of `address`, from the load address of the module. */
  moduleOffset: bigint | null;
  /** Lower-case hexadecimal. */
  buildId: string | null;
  /** Inlined into the function of the next frame. */
  inlined: boolean;
  trust: Extract<FrameTrust, 'ip' | 'cfi' | 'frame-pointer' | 'scan'>;
};

export type NativeThread = {
  tid: number;
  crashed: boolean;
  /** Innermost first. */
  frames: NativeFrame[];
};

export type NativeStack = {
  /** The crashing thread comes first. */
  threads: NativeThread[];
  /** What unwound the crashing thread; null if nothing could. */
  tool: 'eu-stack' | 'gdb' | null;
  /** Sentences of the closed vocabulary. */
  problems: Problem[];
};

/** A JavaScript call found on the stack of a Node.js thread. Names come from the app and are untrusted. */
export type JavaScriptCall = {
  /** Return address into this call: the same as that of its machine code frame. */
  address: bigint;
  function: string | null;
  /** Script name in V8: a path, `file:` URL, `node:…`; null for V8's own functions. */
  script: string | null;
  /** Start of the function (its parameter list) in its script, in UTF-16 units from 0; null if unknown. */
  position: number | null;
};
