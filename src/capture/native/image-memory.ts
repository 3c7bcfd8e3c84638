import { hasElfMagic } from '../../formats/elf/elf-header.ts';
import { add, type LoadedImage, readLoadedImage } from '../../formats/elf/loaded-image.ts';
import { mappingAt } from '../../formats/elf/mapping-at.ts';
import { PT_DYNAMIC, PT_GNU_EH_FRAME, PT_NOTE } from '../../formats/elf/program-header.ts';
import type { Mapping, ProcessSnapshot } from '../../model/process-snapshot.ts';
import type { WantedMemory } from './wanted-memory.ts';

const MAX_NOTE_BYTES = 4096n;
/** For all files that are no longer on disk together. */
const MAX_UNWIND_TABLE_BYTES = 4 * 1024 * 1024;

/**
 * Of each mapped ELF file what identifies it to debuggers: its first page and its notes. Nothing of other files: their
 * pages are data. false if the space was used up.
 */
export function addImages(snapshot: ProcessSnapshot, memory: WantedMemory, pageBytes: number): boolean {
  let complete = true;
  for (const mapping of snapshot.mappings) {
    if (!isStartOfImage(snapshot, mapping)) continue;
    complete = memory.add(mapping.start, pageBytes) && complete;
    const image = imageAt(snapshot, mapping.start);
    for (const { type, address, memorySizeBytes } of image?.headers ?? []) {
      if (type !== PT_NOTE || memorySizeBytes > MAX_NOTE_BYTES) continue;
      complete = memory.add(add(image?.bias ?? 0n, address), memorySizeBytes) && complete;
    }
  }
  return complete;
}

/**
 * Of files that were deleted or replaced since they were mapped, the tables that frames are unwound with: no debugger
 * can read them from disk. The size of `.eh_frame` is not known without section headers, so what follows its index is
 * taken, to the end of the mapping.
 */
export function addUnwindTables(snapshot: ProcessSnapshot, memory: WantedMemory): boolean {
  let left = MAX_UNWIND_TABLE_BYTES;
  for (const mapping of snapshot.mappings) {
    if (!mapping.name.endsWith(' (deleted)') || !isStartOfImage(snapshot, mapping)) continue;
    const image = imageAt(snapshot, mapping.start);
    const header = image?.headers.find(({ type }) => type === PT_GNU_EH_FRAME);
    if (image === null || header === undefined) continue;
    const start = add(image.bias, header.address);
    const tables = mappingAt(snapshot.mappings, start);
    const length = Math.min(left, Number((tables?.end ?? start) - start));
    left -= length;
    if (!memory.add(start, length)) return false;
    const dynamic = image.headers.find(({ type }) => type === PT_DYNAMIC);
    if (dynamic !== undefined) memory.add(add(image.bias, dynamic.address), dynamic.memorySizeBytes);
  }
  return left > 0;
}

function isStartOfImage(snapshot: ProcessSnapshot, mapping: Mapping): boolean {
  if (mapping.offset !== 0n || !mapping.name.startsWith('/') || !mapping.readable) return false;
  return hasElfMagic(snapshot.readMemory(mapping.start, 4));
}

function imageAt(snapshot: ProcessSnapshot, base: bigint): LoadedImage | null {
  try {
    return readLoadedImage((address, length) => snapshot.readMemory(address, length), base);
  } catch {
    return null;
  }
}
