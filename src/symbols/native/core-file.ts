import { closeSync, openSync, readSync } from 'node:fs';
import { type MappedFile, NT_FILE, parseMappedFiles } from '../../formats/elf/core-notes.ts';
import { readElfHeader } from '../../formats/elf/elf-header.ts';
import { type Machine, machineOf } from '../../formats/elf/machine.ts';
import { type Note, parseNotes } from '../../formats/elf/notes.ts';
import { type ProgramHeader, PT_NOTE, readProgramHeaders } from '../../formats/elf/program-header.ts';

/** The beginning of a core: its segments, and notes of the process and of its first thread. */
export type CoreFile = {
  machine: Machine;
  segments: ProgramHeader[];
  notes: Note[];
  /** In the file; `notesBytes` is what was read from there. */
  notesAt: bigint;
  notesBytes: Uint8Array;
};

/** The first thread's note comes early. */
const MAX_NOTES_BYTES = 1024 * 1024;

/** null for a machine that crashmon does not know. @throws CrashmonError BAD_RECORD */
export function readCoreFile(file: number): CoreFile | null {
  const read = (address: bigint, length: number) => readAt(file, address, length);
  const header = readElfHeader(read);
  const machine = machineOf(header.elfMachine);
  const segments = readProgramHeaders(read, header.programHeadersOffset, header.programHeaderCount);
  const segment = segments.find(({ type }) => type === PT_NOTE);
  if (machine === null || segment === undefined) return null;
  const notesBytes = read(segment.offset, Math.min(Number(segment.fileSizeBytes), MAX_NOTES_BYTES));
  const notes = parseNotes(notesBytes).filter(({ name }) => name === 'CORE');
  return { machine, segments, notes, notesAt: segment.offset, notesBytes };
}

export function mappedFilesOf({ notes }: CoreFile): MappedFile[] {
  const files = notes.find(({ type }) => type === NT_FILE);
  return files === undefined ? [] : parseMappedFiles(files.description);
}

/** The files that the process had mapped, by the paths that it had for them; none if the core cannot be read. */
export function readMappedFiles(corePath: string): MappedFile[] {
  let file: number | null = null;
  try {
    file = openSync(corePath, 'r');
    const core = readCoreFile(file);
    return core === null ? [] : mappedFilesOf(core);
  } catch {
    return [];
  } finally {
    if (file !== null) closeSync(file);
  }
}

export function readAt(file: number, address: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, Number(address)));
}
