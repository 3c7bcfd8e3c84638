import type { FrameTrust } from './frame.ts';

/** One call of machine code. Private as a whole: paths and addresses are the machine's. */
export type NativeFrame = {
  address: bigint;
  /** The address is where a call comes back to: what it belongs to is found at the address less one. */
  isReturnAddress: boolean;
  /** Demangled, with the types of its parameters where the tool gave them; null for stripped code. */
  function: string | null;
  /** The name as the tool printed it. */
  rawSymbol: string | null;
  /** As the compiler wrote it into the debug information: absolute, or relative to a directory of the build. */
  file: string | null;
  /** 1-based. */
  line: number | null;
  /** 1-based. */
  column: number | null;
  /** Path of the executable or library, `[vdso]`, null for code without a file. */
  module: string | null;
  /** Of `address`, from where the module was loaded. */
  moduleOffset: bigint | null;
  /** Lower-case hexadecimal. */
  buildId: string | null;
  /** The function's code was put into that of the next frame. */
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
  /** The thread that died first. */
  threads: NativeThread[];
  /** Who unwound the thread that died; null where nobody could. */
  tool: 'eu-stack' | 'gdb' | null;
  /** Sentences of the closed vocabulary. */
  problems: string[];
};

/** A call of JavaScript that was found on the stack of a thread of Node's. Names are the app's, and hostile. */
export type JavaScriptCall = {
  /** Where the call goes on when what it called returns: the same address as of its frame of machine code. */
  address: bigint;
  function: string | null;
  /** Script name as V8 has it: a path, `file:` URL, `node:…`; null for V8's own functions. */
  script: string | null;
  /** Where the function begins in its script, in UTF-16 units from 0: its parameter list. null where not known. */
  position: number | null;
};
