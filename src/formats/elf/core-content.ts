import { readBuildId } from './build-id.ts';
import { memoryOfCore } from './core-memory.ts';
import { NT_FILE, NT_PRSTATUS, parseMappedFiles, parseProcessStatus } from './core-notes.ts';
import { ET_CORE, hasElfMagic, readElfHeader } from './elf-header.ts';
import { badElf, Fields } from './fields.ts';
import { readLoadedImage } from './loaded-image.ts';
import { MACHINES, type Machine, machineOf, register } from './machine.ts';
import { type ReadBytes, readerOfBytes } from './memory-reader.ts';
import { type Note, parseNotes } from './notes.ts';
import { PT_LOAD, PT_NOTE, readProgramHeaders } from './program-header.ts';

/** The crashing thread comes first. */
export type CoreThread = { tid: number; registers: { name: string; value: bigint }[] };

/** `buildId` is null where the file has none, or the core not the page that has it. */
export type CoreModule = { path: string; start: bigint; buildId: string | null };

export type CoreContent = { threads: CoreThread[]; modules: CoreModule[] };

/** What a core says itself, without the files of the program. @throws CrashmonError BAD_RECORD */
export function readCoreContent(core: Uint8Array): CoreContent {
  const read = readerOfBytes(core);
  const header = readElfHeader(read);
  const machine = machineOf(header.elfMachine);
  if (header.type !== ET_CORE || machine === null) throw badElf('it is no core of a known machine');
  const headers = readProgramHeaders(read, header.programHeadersOffset, header.programHeaderCount);
  const notes = headers
    .filter(({ type }) => type === PT_NOTE)
    .flatMap(({ offset, fileSizeBytes }) => parseNotes(read(offset, Number(fileSizeBytes))))
    .filter(({ name }) => name === 'CORE');
  const memory = memoryOfCore(
    read,
    headers.filter(({ type }) => type === PT_LOAD),
  );
  return { threads: threadsOf(notes, machine), modules: modulesOf(notes, memory) };
}

function threadsOf(notes: readonly Note[], machine: Machine): CoreThread[] {
  const { registerNames } = MACHINES[machine];
  return notes
    .filter(({ type }) => type === NT_PRSTATUS)
    .map(({ description }) => {
      const { tid, registers } = parseProcessStatus(description, machine);
      const fields = new Fields(registers, 'the registers');
      return { tid, registers: registerNames.map((name, at) => ({ name, value: register(fields, at) })) };
    });
}

/** Files whose beginning is mapped as an ELF image. */
function modulesOf(notes: readonly Note[], memory: ReadBytes): CoreModule[] {
  const files = notes.find(({ type }) => type === NT_FILE);
  const starts = files === undefined ? [] : parseMappedFiles(files.description);
  return starts
    .filter(({ offset, start }) => offset === 0n && hasElfMagic(memory(start, 4)))
    .map(({ name: path, start }) => ({ path, start, buildId: buildIdAt(memory, start) }));
}

function buildIdAt(memory: ReadBytes, start: bigint): string | null {
  try {
    return readBuildId(memory, readLoadedImage(memory, start));
  } catch {
    return null;
  }
}
