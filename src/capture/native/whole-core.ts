import { readElfHeader } from '../../formats/elf/elf-header.ts';
import { badElf } from '../../formats/elf/fields.ts';
import { MACHINES, type Machine } from '../../formats/elf/machine.ts';
import { PT_LOAD, PT_NOTE, readProgramHeaders } from '../../formats/elf/program-header.ts';
import type { PageRun } from '../../formats/procfs/page-map.ts';
import type { Mapping } from '../../model/process-snapshot.ts';
import { coreHead, type StoredSegment } from './core-image.ts';

/** Of a mapping: which of its pages hold something, or hold something that its file does not have. */
export type StoredPages = (
  mapping: Mapping,
  options: { ofFiles: boolean; pageBytes: number },
) => readonly PageRun[];

/** Gaps of so many pages are filled, as every segment has a header. */
const SMALL_GAP_PAGES = 256;
/** Where debuggers become slow. */
const MAX_SEGMENTS = 60_000;
/** Not memory of the process. */
const OF_THE_KERNEL = ['[vvar]', '[vvar_vclock]', '[vsyscall]'];

export type WholeCore = {
  /** The bytes of `ranges` follow it, in this order. */
  head: Uint8Array;
  ranges: readonly Pick<StoredSegment, 'address' | 'sizeBytes'>[];
  sizeBytes: number;
  pageBytes: number;
};

/**
 * A core file with all memory of a process that its files do not have, as the kernel writes one (core(5), filter 0x33). Registers and
 * the list of files are those of its trimmed core.
 */
export function planWholeCore(
  trimmed: Uint8Array,
  mappings: readonly Mapping[],
  pagesOf: StoredPages,
): WholeCore {
  const { machine, notes, pageBytes } = partsOf(trimmed);
  let segments: StoredSegment[] = [];
  for (let gap = SMALL_GAP_PAGES; ; gap *= 16) {
    segments = mappings.flatMap((mapping) => segmentsOf(mapping, pagesOf, gap, pageBytes));
    if (segments.length < MAX_SEGMENTS || gap > 2 ** 40) break;
  }
  const head = coreHead(machine, notes, segments, pageBytes);
  const ranges = segments.filter(({ isStored }) => isStored);
  const sizeBytes = ranges.reduce((sum, range) => sum + Number(range.sizeBytes), head.length);
  return { head, ranges, sizeBytes, pageBytes };
}

function segmentsOf(mapping: Mapping, pagesOf: StoredPages, gap: number, pageBytes: number): StoredSegment[] {
  const { name, readable, executable, start, end, offset } = mapping;
  if (!readable || OF_THE_KERNEL.includes(name)) return [];
  const isFile = name.startsWith('/') && !name.endsWith(' (deleted)');
  const stored = [...pagesOf(mapping, { ofFiles: !isFile, pageBytes })];
  const page = BigInt(pageBytes);
  // The file's header, by which debuggers find the file.
  if (isFile && offset === 0n && stored[0]?.first !== 0) stored.unshift({ first: 0, end: 1 });
  const segments: StoredSegment[] = [];
  let at = start;
  const add = (until: bigint, isStored: boolean) => {
    // Of code, debuggers must know where it is.
    if (until > at && (isStored || executable || isFile))
      segments.push({ mapping, address: at, sizeBytes: until - at, isStored });
    at = until;
  };
  for (const run of closeGaps(stored, isFile ? 0 : gap)) {
    add(start + BigInt(run.first) * page, false);
    add(start + BigInt(run.end) * page, true);
  }
  add(end, false);
  return segments;
}

function closeGaps(runs: readonly PageRun[], gap: number): PageRun[] {
  const closed: PageRun[] = [];
  for (const run of runs) {
    const last = closed.at(-1);
    if (last !== undefined && run.first - last.end <= gap) last.end = run.end;
    else closed.push({ ...run });
  }
  return closed;
}

/** @throws CrashmonError BAD_RECORD */
function partsOf(core: Uint8Array): { machine: Machine; notes: Uint8Array; pageBytes: number } {
  const read = (address: bigint, length: number) => core.subarray(Number(address), Number(address) + length);
  const { elfMachine, programHeadersOffset, programHeaderCount } = readElfHeader(read);
  const headers = readProgramHeaders(read, programHeadersOffset, programHeaderCount);
  const notes = headers.find(({ type }) => type === PT_NOTE);
  const machine = (Object.keys(MACHINES) as Machine[]).find(
    (name) => MACHINES[name].elfMachine === elfMachine,
  );
  const pageBytes = Number(headers.find(({ type }) => type === PT_LOAD)?.align ?? 4096n);
  if (notes === undefined || machine === undefined) throw badElf('it is no core file');
  return { machine, notes: read(notes.offset, Number(notes.fileSizeBytes)), pageBytes };
}
