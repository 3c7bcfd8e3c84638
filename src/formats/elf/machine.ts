import type { ProcessSnapshot } from '../../model/process-snapshot.ts';
import type { Fields } from './fields.ts';

export type Machine = ProcessSnapshot['machine'];

/**
 * What differs between machines in core files and at a stop: the only place that knows. Register numbers count in
 * `struct user_regs_struct` (8 bytes each); sizes are those of the kernel's `elf_prstatus` (sys/procfs.h).
 */
export type MachineLayout = {
  /** `e_machine` (ELF gABI). */
  elfMachine: number;
  registerCount: number;
  /** In the order of `struct user_regs_struct`. */
  registerNames: readonly string[];
  instructionPointer: number;
  stackPointer: number;
  /** By convention: code may use it for something else. */
  framePointer: number;
  /** Bytes below the stack pointer that a leaf function may use without moving it. */
  redZoneBytes: number;
  floatRegistersBytes: number;
  prstatusBytes: number;
  /** Bits of an address that exist; those above repeat the highest one, else the address is non-canonical. */
  addressBits: number;
  /**
   * A signal's frame on the stack: bytes that the function that returns from a signal begins with, and offsets from the
   * word that holds its address to fields of `ucontext_t`. null if it is found in another way.
   */
  signalFrame: SignalFrameLayout | null;
};

export type SignalFrameLayout = {
  returnCode: Uint8Array;
  altStackStart: number;
  altStackSize: number;
  framePointer: number;
  stackPointer: number;
  instructionPointer: number;
  sizeBytes: number;
};

export const MACHINES: Readonly<Record<Machine, MachineLayout>> = {
  'x86-64': {
    elfMachine: 62,
    registerCount: 27,
    registerNames:
      'r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs'.split(
        ' ',
      ),
    instructionPointer: 16,
    stackPointer: 19,
    framePointer: 4,
    redZoneBytes: 128,
    floatRegistersBytes: 512,
    prstatusBytes: 336,
    addressBits: 48,
    signalFrame: {
      // mov $__NR_rt_sigreturn,%rax; syscall: debuggers know the frame by the same bytes.
      returnCode: Uint8Array.of(0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05),
      altStackStart: 24,
      altStackSize: 40,
      framePointer: 128,
      stackPointer: 168,
      instructionPointer: 176,
      sizeBytes: 184,
    },
  },
  // Not measured on hardware. The signal frame's return address is in the link register there, not on the stack.
  arm64: {
    elfMachine: 183,
    registerCount: 34,
    registerNames: [...Array.from({ length: 31 }, (_, number) => `x${number}`), 'sp', 'pc', 'pstate'],
    instructionPointer: 32,
    stackPointer: 31,
    framePointer: 29,
    redZoneBytes: 128,
    floatRegistersBytes: 528,
    prstatusBytes: 392,
    addressBits: 48,
    signalFrame: null,
  },
};

/** null for a machine that is not known. */
export function machineOf(elfMachine: number): Machine | null {
  if (elfMachine === MACHINES['x86-64'].elfMachine) return 'x86-64';
  if (elfMachine === MACHINES.arm64.elfMachine) return 'arm64';
  return null;
}

/** Register by its number in the layout; throws BAD_RECORD where the registers are cut short. */
export function register(registers: Fields, number: number): bigint {
  return registers.u64(number * 8);
}
