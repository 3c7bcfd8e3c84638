import { SECTION_HEADER_BYTES } from './elf-header.ts';
import { type ReadBytes, readFields } from './memory-reader.ts';

/** Linkers make some 40; `-ffunction-sections` is gone by then. */
const MAX_SECTIONS = 1_024;
const MAX_NAMES_BYTES = 64 * 1024;

/**
 * The first `maxBytes` of a section of an ELF file (64-bit, little-endian; ELF gABI), null if it has none of this name.
 * @throws CrashmonError BAD_RECORD where the tables cannot be read
 */
export function sectionBytes(read: ReadBytes, name: string, maxBytes: number): Uint8Array | null {
  const header = readFields(read, 0n, 64, 'the ELF header');
  const count = Math.min(header.u16(60), MAX_SECTIONS);
  const table = readFields(read, header.u64(40), count * SECTION_HEADER_BYTES, 'the section headers');
  const namesAt = header.u16(62) * SECTION_HEADER_BYTES;
  if (namesAt >= count * SECTION_HEADER_BYTES) return null;
  const names = Buffer.from(read(table.u64(namesAt + 24), sizeOf(table.u64(namesAt + 32), MAX_NAMES_BYTES)));
  const wanted = names.indexOf(`\0${name}\0`) + 1;
  for (let at = 0; wanted > 0 && at < count * SECTION_HEADER_BYTES; at += SECTION_HEADER_BYTES) {
    if (table.u32(at) === wanted) return read(table.u64(at + 24), sizeOf(table.u64(at + 32), maxBytes));
  }
  return null;
}

function sizeOf(size: bigint, most: number): number {
  return size < most ? Number(size) : most;
}
