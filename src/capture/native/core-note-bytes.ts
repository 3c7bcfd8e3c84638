import {
  NT_AUXV,
  NT_FILE,
  NT_FPREGSET,
  NT_PRPSINFO,
  NT_PRSTATUS,
  NT_SIGINFO,
} from '../../formats/elf/core-notes.ts';
import { MACHINES } from '../../formats/elf/machine.ts';
import type { Mapping, ProcessSnapshot, ThreadSnapshot } from '../../model/process-snapshot.ts';

/**
 * The notes of a core file (core(5), fs/binfmt_elf.c), in the kernel's order: the crashing thread comes first, by
 * which debuggers recognize it. `threads` and `files` can be fewer than the snapshot has.
 */
export function coreNotes(
  snapshot: ProcessSnapshot,
  threads: readonly ThreadSnapshot[],
  files: readonly Mapping[],
  pageBytes: number,
): Buffer {
  const [crashing, ...others] = threads;
  const notes: Buffer[] = [];
  if (crashing !== undefined) notes.push(note(NT_PRSTATUS, prstatus(snapshot, crashing)));
  notes.push(note(NT_PRPSINFO, prpsinfo(snapshot)));
  if (snapshot.siginfo !== null) notes.push(note(NT_SIGINFO, snapshot.siginfo.subarray(0, SIGINFO_BYTES)));
  notes.push(
    note(NT_AUXV, snapshot.auxv.subarray(0, MAX_AUXV_BYTES)),
    note(NT_FILE, mappedFiles(files, pageBytes)),
  );
  if (crashing?.floatRegisters) notes.push(fpregset(snapshot, crashing.floatRegisters));
  for (const thread of others) {
    notes.push(note(NT_PRSTATUS, prstatus(snapshot, thread)));
    if (thread.floatRegisters) notes.push(fpregset(snapshot, thread.floatRegisters));
  }
  return Buffer.concat(notes);
}

const SIGINFO_BYTES = 128;
const MAX_AUXV_BYTES = 4096;

/** What the notes of one thread take at most, in bytes. */
export function threadNoteBytes(machine: ProcessSnapshot['machine']): number {
  return MACHINES[machine].prstatusBytes + MACHINES[machine].floatRegistersBytes + 2 * NOTE_OVERHEAD_BYTES;
}

/** Header of 12 bytes and the name `CORE` with its NUL, padded. */
const NOTE_OVERHEAD_BYTES = 20;

function note(type: number, description: Uint8Array): Buffer {
  const bytes = Buffer.alloc(NOTE_OVERHEAD_BYTES + Math.ceil(description.length / 4) * 4);
  bytes.writeUInt32LE(5, 0);
  bytes.writeUInt32LE(description.length, 4);
  bytes.writeUInt32LE(type, 8);
  bytes.write('CORE', 12, 'latin1');
  bytes.set(description, NOTE_OVERHEAD_BYTES);
  return bytes;
}

function fpregset({ machine }: ProcessSnapshot, registers: Uint8Array): Buffer {
  return note(NT_FPREGSET, registers.subarray(0, MACHINES[machine].floatRegistersBytes));
}

/** `struct elf_prstatus`: times, parents and signal masks stay 0: unwinding does not need them. */
function prstatus(snapshot: ProcessSnapshot, thread: ThreadSnapshot): Buffer {
  const bytes = Buffer.alloc(MACHINES[snapshot.machine].prstatusBytes);
  bytes.writeInt32LE(snapshot.signal, 0);
  bytes.writeUInt16LE(snapshot.signal, 12);
  bytes.writeUInt32LE(thread.tid, 32);
  bytes.set(thread.registers.subarray(0, MACHINES[snapshot.machine].registerCount * 8), 112);
  bytes.writeInt32LE(thread.floatRegisters === null ? 0 : 1, bytes.length - 8);
  return bytes;
}

/** `struct elf_prpsinfo`. Arguments are private, so the executable's path stands for all of them. */
function prpsinfo(snapshot: ProcessSnapshot): Buffer {
  const bytes = Buffer.alloc(136);
  bytes.writeUInt32LE(snapshot.pid, 24);
  const name = snapshot.executable.slice(snapshot.executable.lastIndexOf('/') + 1);
  bytes.write(name, 40, 15);
  const path = Buffer.byteLength(snapshot.executable) < 80 ? snapshot.executable : name;
  bytes.write(path, 56, 79);
  return bytes;
}

function mappedFiles(files: readonly Mapping[], pageBytes: number): Buffer {
  const numbers = Buffer.alloc(16 + files.length * 24);
  numbers.writeBigUInt64LE(BigInt(files.length), 0);
  numbers.writeBigUInt64LE(BigInt(pageBytes), 8);
  files.forEach((file, index) => {
    numbers.writeBigUInt64LE(file.start, 16 + index * 24);
    numbers.writeBigUInt64LE(file.end, 24 + index * 24);
    numbers.writeBigUInt64LE(file.offset / BigInt(pageBytes), 32 + index * 24);
  });
  return Buffer.concat([numbers, ...files.map(({ name }) => Buffer.from(`${name}\0`))]);
}
