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
  /** `struct user_fpregs_struct`, null if not read. */
  floatRegisters: Uint8Array | null;
};

/**
 * A stopped process in the debugger, or a core file, as input of the unwinder. Private.
 */
export type ProcessSnapshot = {
  machine: 'x86-64' | 'arm64';
  pid: number;
  /** The crashing thread; also the first of `threads`. */
  crashingTid: number;
  threads: readonly ThreadSnapshot[];
  /** The fatal signal. */
  signal: number;
  /** Raw `siginfo_t` (128 bytes), null if unreadable. */
  siginfo: Uint8Array | null;
  /** Raw auxiliary vector. */
  auxv: Uint8Array;
  mappings: readonly Mapping[];
  executable: string;
  /** At most `length` bytes from `address`; fewer or none if memory is unreadable. Never throws. */
  readMemory(address: bigint, length: number): Uint8Array;
};
