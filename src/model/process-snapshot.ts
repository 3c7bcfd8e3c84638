/** One line of `/proc/<pid>/maps`. */
export type Mapping = {
  /** First address. */
  start: bigint;
  /** First address after the mapping. */
  end: bigint;
  readable: boolean;
  writable: boolean;
  executable: boolean;
  /** Offset in the file, in bytes. */
  offset: bigint;
  inode: bigint;
  /** Path, `[stack]`, `[heap]`, `[vdso]`, … or '' for anonymous memory; ` (deleted)` stays at its end. */
  name: string;
};

export type ThreadSnapshot = {
  tid: number;
  /** General registers as `struct user_regs_struct` of the machine (x86-64: 27 × 8 bytes, little-endian). */
  registers: Uint8Array;
  /** `struct user_fpregs_struct`, null where it was not read. */
  floatRegisters: Uint8Array | null;
};

/**
 * A stopped process as the debugger saw it, or a core file: whatever can be unwound is read through this. Private, all
 * of it.
 */
export type ProcessSnapshot = {
  machine: 'x86-64' | 'arm64';
  pid: number;
  /** The thread that died; it is also the first of `threads`. */
  crashingTid: number;
  threads: readonly ThreadSnapshot[];
  /** The signal it dies of. */
  signal: number;
  /** Raw `siginfo_t` (128 bytes), null where it could not be read. */
  siginfo: Uint8Array | null;
  /** Raw auxiliary vector. */
  auxv: Uint8Array;
  mappings: readonly Mapping[];
  executable: string;
  /** At most `length` bytes from `address`; fewer, or none, where memory cannot be read. Never throws. */
  readMemory(address: bigint, length: number): Uint8Array;
};
