import type { ProcessSnapshot } from '../../model/process-snapshot.ts';
import { badPacket } from './bad-packet.ts';
import type { DescribedRegister, TargetDescription } from './target-description.ts';

/** Where each register of a target description goes in a structure of the kernel: name, offset, size in bytes. */
type Structure = { sizeBytes: number; fields: readonly (readonly [string, number, number])[] };

type MachineLayout = {
  machine: ProcessSnapshot['machine'];
  /** `struct user_regs_struct` (sys/user.h), which is also what NT_PRSTATUS holds. */
  general: Structure;
  /** `struct user_fpregs_struct`, NT_FPREGSET. */
  float: Structure;
  /** Names of fields in `general`. */
  instructionPointer: string;
  stackPointer: string;
};

const X86_64_GENERAL = [
  'r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax',
  'rip cs eflags rsp ss fs_base gs_base ds es fs gs',
]
  .join(' ')
  .split(' ');

const LAYOUTS: ReadonlyMap<string, MachineLayout> = new Map([
  [
    'i386:x86-64',
    {
      machine: 'x86-64',
      general: {
        sizeBytes: 27 * 8,
        fields: X86_64_GENERAL.map((name, index) => [name, index * 8, 8] as const),
      },
      float: {
        sizeBytes: 512,
        // FXSAVE, Intel SDM volume 1, table 10-2. The protocol's tag word (ftag) is the full one and FXSAVE's is
        // abridged: left 0, no unwinder uses it.
        fields: [
          ['fctrl', 0, 2],
          ['fstat', 2, 2],
          ['fop', 6, 2],
          ['fioff', 8, 4],
          ['fiseg', 12, 4],
          ['fooff', 16, 4],
          ['foseg', 20, 4],
          ['mxcsr', 24, 4],
          ...Array.from({ length: 8 }, (_, index) => [`st${index}`, 32 + index * 16, 10] as const),
          ...Array.from({ length: 16 }, (_, index) => [`xmm${index}`, 160 + index * 16, 16] as const),
        ],
      },
      instructionPointer: 'rip',
      stackPointer: 'rsp',
    },
  ],
  [
    'aarch64',
    {
      machine: 'arm64',
      general: {
        sizeBytes: 34 * 8,
        fields: [
          ...Array.from({ length: 31 }, (_, index) => [`x${index}`, index * 8, 8] as const),
          ['sp', 31 * 8, 8],
          ['pc', 32 * 8, 8],
          ['cpsr', 33 * 8, 8],
        ],
      },
      float: {
        sizeBytes: 528,
        fields: [
          ...Array.from({ length: 32 }, (_, index) => [`v${index}`, index * 16, 16] as const),
          ['fpsr', 512, 4],
          ['fpcr', 516, 4],
        ],
      },
      instructionPointer: 'pc',
      stackPointer: 'sp',
    },
  ],
]);

/**
 * What a gdbserver for x86-64 sends to a client that does not ask for target descriptions (gdb/features/i386/64bit-core.xml,
 * -sse, -linux, -segments): it names the machine only, and this is smaller by AVX and AVX-512, three quarters of an
 * answer to `g`.
 */
const PLAIN_X86_64: readonly (readonly [names: string, sizeBytes: number])[] = [
  ['rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip', 8],
  ['eflags cs ss ds es fs gs', 4],
  ['st0 st1 st2 st3 st4 st5 st6 st7', 10],
  ['fctrl fstat ftag fiseg fioff foseg fooff fop', 4],
  ['xmm0 xmm1 xmm2 xmm3 xmm4 xmm5 xmm6 xmm7 xmm8 xmm9 xmm10 xmm11 xmm12 xmm13 xmm14 xmm15', 16],
  ['mxcsr', 4],
  ['orig_rax fs_base gs_base', 8],
];

/** How to read the answer to `g` of one process. */
export type RegisterLayout = {
  machine: ProcessSnapshot['machine'];
  /** @throws CrashmonError BAD_RECORD for an answer that is too short */
  general(answer: Uint8Array): Uint8Array;
  float(answer: Uint8Array): Uint8Array;
};

/**
 * Matches a target description with the machines that crashmon knows.
 * @throws CrashmonError BAD_RECORD for another machine (a 32-bit program, say) or one without its general registers
 */
export function registerLayout(described: TargetDescription): RegisterLayout {
  const isPlain = described.registers.size === 0 && described.architecture === 'i386:x86-64';
  const description = isPlain ? { ...described, ...layOut(PLAIN_X86_64) } : described;
  const layout = LAYOUTS.get(description.architecture);
  if (layout === undefined) throw badPacket(`registers of another machine, ${description.architecture}`);
  const needed = layout.general.fields.filter(([name]) => !description.registers.has(name));
  // fs_base and gs_base are missing where gdbserver is old; orig_rax where it was built without Linux's feature.
  const optional = ['fs_base', 'gs_base', 'orig_rax'];
  if (needed.some(([name]) => !optional.includes(name))) throw badPacket('registers are missing');
  const shortest = layout.general.fields.reduce((end, [name]) => {
    const register = description.registers.get(name);
    return register === undefined ? end : Math.max(end, register.offsetBytes + register.sizeBytes);
  }, 0);
  return {
    machine: layout.machine,
    general(answer) {
      if (answer.length < shortest) throw badPacket('registers are cut short');
      return gather(layout.general, description, answer);
    },
    float: (answer) => gather(layout.float, description, answer),
  };
}

function layOut(groups: typeof PLAIN_X86_64): Pick<TargetDescription, 'registers' | 'sizeBytes'> {
  const registers = new Map<string, DescribedRegister>();
  let offsetBytes = 0;
  for (const [names, sizeBytes] of groups) {
    for (const name of names.split(' ')) {
      registers.set(name, { name, offsetBytes, sizeBytes });
      offsetBytes += sizeBytes;
    }
  }
  return { registers, sizeBytes: offsetBytes };
}

function gather(to: Structure, from: TargetDescription, answer: Uint8Array): Uint8Array {
  const structure = new Uint8Array(to.sizeBytes);
  for (const [name, offset, size] of to.fields) {
    const register = from.registers.get(name);
    if (register === undefined) continue;
    const end = register.offsetBytes + Math.min(size, register.sizeBytes);
    structure.set(answer.subarray(register.offsetBytes, end), offset);
  }
  return structure;
}

/** Instruction and stack pointer out of the machine's `user_regs_struct`. */
export function pointersOf(
  machine: ProcessSnapshot['machine'],
  general: Uint8Array,
): { instructionPointer: bigint; stackPointer: bigint } {
  const layout = [...LAYOUTS.values()].find((candidate) => candidate.machine === machine);
  if (layout === undefined || general.length < layout.general.sizeBytes) {
    throw badPacket('registers are cut short');
  }
  const view = new DataView(general.buffer, general.byteOffset, general.byteLength);
  const read = (name: string) =>
    view.getBigUint64(layout.general.fields.find(([field]) => field === name)?.[1] ?? 0, true);
  return { instructionPointer: read(layout.instructionPointer), stackPointer: read(layout.stackPointer) };
}
