import {
  AT_EXECFN,
  AT_PHDR,
  AT_SYSINFO_EHDR,
  parseAuxiliaryVector,
} from '../../../src/formats/elf/auxiliary-vector.ts';
import { memoryOfCore } from '../../../src/formats/elf/core-memory.ts';
import {
  type MappedFile,
  NT_AUXV,
  NT_FILE,
  NT_FPREGSET,
  NT_PRPSINFO,
  NT_PRSTATUS,
  NT_SIGINFO,
  parseMappedFiles,
  parseProcessStatus,
} from '../../../src/formats/elf/core-notes.ts';
import { ET_CORE, readElfHeader } from '../../../src/formats/elf/elf-header.ts';
import { badElf, Fields } from '../../../src/formats/elf/fields.ts';
import { type Machine, machineOf } from '../../../src/formats/elf/machine.ts';
import { type ReadBytes, readerOfBytes } from '../../../src/formats/elf/memory-reader.ts';
import { type Note, parseNotes } from '../../../src/formats/elf/notes.ts';
import {
  PF_R,
  PF_W,
  PF_X,
  type ProgramHeader,
  PT_LOAD,
  PT_NOTE,
  readProgramHeaders,
} from '../../../src/formats/elf/program-header.ts';
import type { Mapping, ProcessSnapshot, ThreadSnapshot } from '../../../src/model/process-snapshot.ts';

const MAX_NOTES_BYTES = 256 * 1024 * 1024;

/**
 * A core file, whole or trimmed, seen like a process that is held. `core` is the file's content, or reads it by offset.
 * Of a core the kernel wrote by default, pages that were never written are absent: only a process has those. Throws
 * BAD_RECORD for what is no 64-bit core of a known machine or has no thread.
 */
export function readCoreAsSnapshot(core: Uint8Array | ReadBytes): ProcessSnapshot {
  const read = core instanceof Uint8Array ? readerOfBytes(core) : core;
  const header = readElfHeader(read);
  const machine = machineOf(header.elfMachine);
  if (header.type !== ET_CORE) throw badElf('it is no core file');
  if (machine === null) throw badElf('the machine is not known');
  const headers = readProgramHeaders(read, header.programHeadersOffset, header.programHeaderCount);
  const notes = headers.filter(({ type }) => type === PT_NOTE).flatMap((segment) => notesOf(read, segment));
  const loads = headers.filter(({ type }) => type === PT_LOAD);
  const auxv = first(notes, NT_AUXV) ?? new Uint8Array();
  const threads = threadsOf(notes, machine);
  const crashing = threads[0];
  if (crashing === undefined) throw badElf('it has no thread');
  const files = parseMappedFiles(first(notes, NT_FILE) ?? new Uint8Array(16));
  const mappings = mappingsOf(loads, files, parseAuxiliaryVector(auxv));
  const info = first(notes, NT_PRPSINFO);
  return {
    machine,
    pid: info === null ? crashing.tid : parsePrpsinfo(info).pid,
    crashingTid: crashing.tid,
    threads: threads.map(({ signal: _, ...thread }) => thread),
    signal: crashing.signal,
    siginfo: first(notes, NT_SIGINFO),
    auxv,
    mappings,
    executable: executableOf(files, parseAuxiliaryVector(auxv), info),
    readMemory: memoryOfCore(read, loads),
  };
}

function notesOf(read: ReadBytes, { offset, fileSizeBytes }: ProgramHeader): Note[] {
  if (fileSizeBytes > MAX_NOTES_BYTES) throw badElf('the notes are too big');
  return parseNotes(read(offset, Number(fileSizeBytes))).filter(({ name }) => name === 'CORE');
}

function first(notes: readonly Note[], type: number): Uint8Array | null {
  return notes.find((note) => note.type === type)?.description ?? null;
}

/** A thread's floating-point registers follow its general ones, with other notes between. */
function threadsOf(notes: readonly Note[], machine: Machine): (ThreadSnapshot & { signal: number })[] {
  const threads: (ThreadSnapshot & { signal: number })[] = [];
  for (const { type, description } of notes) {
    if (type === NT_PRSTATUS)
      threads.push({ ...parseProcessStatus(description, machine), floatRegisters: null });
    const last = threads.at(-1);
    if (type === NT_FPREGSET && last !== undefined) last.floatRegisters = description;
  }
  return threads;
}

/** A whole core has a segment for each mapping; a trimmed one for each piece that is left of it. */
function mappingsOf(
  loads: readonly ProgramHeader[],
  files: readonly MappedFile[],
  auxv: ReadonlyMap<number, bigint>,
): Mapping[] {
  const special: [bigint | undefined, string][] = [
    [auxv.get(AT_EXECFN), '[stack]'],
    [auxv.get(AT_SYSINFO_EHDR), '[vdso]'],
  ];
  const sorted = files.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  let next = 0;
  return loads
    .filter(({ address, memorySizeBytes }) => memorySizeBytes > 0n && address + memorySizeBytes < 2n ** 64n)
    .toSorted((a, b) => (a.address < b.address ? -1 : 1))
    .map(({ address: start, memorySizeBytes, flags }) => {
      const end = start + memorySizeBytes;
      while ((sorted[next]?.end ?? end) < end && next < sorted.length) next++;
      const candidate = sorted[next];
      const file = candidate !== undefined && candidate.start <= start ? candidate : undefined;
      const named = special.find(([address]) => address !== undefined && address >= start && address < end);
      return {
        start,
        end,
        readable: (flags & PF_R) !== 0,
        writable: (flags & PF_W) !== 0,
        executable: (flags & PF_X) !== 0,
        offset: file === undefined ? 0n : BigInt.asUintN(64, file.offset + (start - file.start)),
        inode: 0n,
        name: file?.name ?? named?.[1] ?? '',
      };
    });
}

/** The file that the program's own headers are mapped from; what the process was called where no file is. */
function executableOf(
  files: readonly MappedFile[],
  auxv: ReadonlyMap<number, bigint>,
  info: Uint8Array | null,
): string {
  const headers = auxv.get(AT_PHDR) ?? 0n;
  const file = files.find(({ start, end }) => start <= headers && headers < end);
  return file?.name ?? (info === null ? '' : (parsePrpsinfo(info).arguments.split(' ')[0] ?? ''));
}

/** `struct elf_prpsinfo` (sys/procfs.h): the process's id and names, both cut by the kernel. Throws BAD_RECORD. */
function parsePrpsinfo(description: Uint8Array): { pid: number; name: string; arguments: string } {
  const fields = new Fields(description, 'NT_PRPSINFO');
  return { pid: fields.u32(24), name: fields.text(40, 16), arguments: fields.text(56, 80) };
}
