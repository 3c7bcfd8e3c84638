import { pageSizeOf, parseAuxiliaryVector } from '../../formats/elf/auxiliary-vector.ts';
import { MACHINES } from '../../formats/elf/machine.ts';
import type { DumpProblem } from '../../model/native-record.ts';
import type { Mapping, ProcessSnapshot } from '../../model/process-snapshot.ts';
import { CodeWords } from './code-words.ts';
import { coreImage, overheadBytes } from './core-image.ts';
import { coreNotes, threadNoteBytes } from './core-note-bytes.ts';
import { generatedCodeBytes, withGeneratedCode } from './generated-code.ts';
import { addImages, addUnwindTables } from './image-memory.ts';
import { addCrashingThread, addLinkMap, addOtherThreads, addVdso, type Wanted } from './unwinding-memory.ts';
import { WantedMemory } from './wanted-memory.ts';

export type TrimmedCore = {
  /** The file in pieces, to be written one after the other (writev). Private, all of it. */
  chunks: readonly Uint8Array[];
  sizeBytes: number;
  problems: readonly DumpProblem[];
};

export type TrimOptions = {
  /** Maximum size; 16 MiB by default. Below 64 KiB there is no room for a stack. */
  maxBytes?: number;
};

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
/** The list of mapped files has one entry a mapping; a process has up to 65,530 of those. */
const MAX_FILE_NOTE_SHARE = 1 / 4;
const MAX_THREAD_NOTE_SHARE = 1 / 4;

/**
 * A core file of a process that is held, with what debuggers need to unwind its threads and nothing else: registers,
 * stacks, code at the instruction pointers, the list of libraries, and what identifies their files. Unwind tables
 * and symbols are in those files, so the files must still be on disk when the core is read; of deleted ones the unwind
 * tables are kept. Never throws: what cannot be read is absent and is a problem where it matters.
 */
export function writeTrimmedCore(snapshot: ProcessSnapshot, options: TrimOptions = {}): TrimmedCore {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const problems = new Set<DumpProblem>();
  const auxv = parseAuxiliaryVector(snapshot.auxv);
  const pageBytes = pageSizeOf(auxv);
  const threads = threadsThatFit(snapshot, maxBytes, problems);
  const files = filesThatFit(snapshot, maxBytes, problems);
  const notes = coreNotes(snapshot, threads, files, pageBytes);
  // Every segment has a header; pages are what there can be most segments of.
  const share = pageBytes / (pageBytes + 56);
  const headerBytes = overheadBytes(0, pageBytes) + generatedCodeBytes(snapshot.mappings);
  const memoryBytes = Math.max(0, Math.floor((maxBytes - notes.length - headerBytes) * share));
  const memory = new WantedMemory(snapshot.mappings, pageBytes, memoryBytes);
  const wanted: Wanted = {
    snapshot,
    memory,
    problems,
    auxv,
    pageBytes,
    read: (address, length) => snapshot.readMemory(address, length),
    code: new CodeWords(snapshot.mappings),
  };
  // The most important first.
  const [crashing, ...others] = threads;
  if (crashing !== undefined) addCrashingThread(wanted, crashing);
  addLinkMap(wanted);
  addVdso(wanted);
  const complete = [
    addImages(snapshot, memory, pageBytes),
    addOtherThreads(wanted, others),
    addUnwindTables(snapshot, memory),
  ];
  if (complete.includes(false)) problems.add('size-limit');
  const segments = withGeneratedCode(memory.read(wanted.read), snapshot.mappings);
  const chunks = coreImage(snapshot.machine, notes, segments, pageBytes);
  return { chunks, sizeBytes: chunks.reduce((sum, { length }) => sum + length, 0), problems: [...problems] };
}

function threadsThatFit(snapshot: ProcessSnapshot, maxBytes: number, problems: Set<DumpProblem>) {
  const registersBytes = MACHINES[snapshot.machine].registerCount * 8;
  const most = Math.max(
    1,
    Math.floor((maxBytes * MAX_THREAD_NOTE_SHARE) / threadNoteBytes(snapshot.machine)),
  );
  const threads = snapshot.threads
    .filter(({ registers }) => registers.length >= registersBytes)
    .slice(0, most);
  if (threads.length < snapshot.threads.length) problems.add('threads-left-out');
  return threads;
}

function filesThatFit(snapshot: ProcessSnapshot, maxBytes: number, problems: Set<DumpProblem>): Mapping[] {
  let left = maxBytes * MAX_FILE_NOTE_SHARE;
  const files = snapshot.mappings.filter(({ name }) => name.startsWith('/'));
  const fitting = files.filter(({ name }) => {
    left -= 24 + Buffer.byteLength(name) + 1;
    return left >= 0;
  });
  if (fitting.length < files.length) problems.add('size-limit');
  return fitting;
}
