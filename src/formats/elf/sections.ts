import { SECTION_HEADER_BYTES } from './elf-header.ts';
import { badElf } from './fields.ts';
import { type ReadBytes, readFields, readText } from './memory-reader.ts';

/** Where a section is in its file. */
export type Section = { name: string; offset: bigint; sizeBytes: number };

const SHT_NOBITS = 8;
const SHF_COMPRESSED = 0x800n;
const SHN_XINDEX = 0xffff;
/** Programs have some dozens; more are damage. */
const MAX_SECTIONS = 4_096;
const MAX_NAME = 256;

/**
 * Sections of a 64-bit little-endian ELF file that have contents as they are (ELF gABI, "Sections"): no compressed ones.
 * Empty if the file has no section headers. Throws BAD_RECORD for anything else.
 */
export function readSections(read: ReadBytes): Section[] {
  const header = readFields(read, 0n, 64, 'the ELF header');
  if (header.u32(0) !== 0x464c457f || header.u8(4) !== 2 || header.u8(5) !== 1) {
    throw badElf('it is no 64-bit little-endian file');
  }
  const at = header.u64(40);
  if (at === 0n) return [];
  if (header.u16(58) !== SECTION_HEADER_BYTES) throw badElf('section headers have another size');
  const first = readFields(read, at, SECTION_HEADER_BYTES, 'section header 0');
  const count = header.u16(60) === 0 ? Number(first.u64(32)) : header.u16(60);
  const namesIndex = header.u16(62) === SHN_XINDEX ? first.u32(40) : header.u16(62);
  if (count > MAX_SECTIONS || namesIndex >= count) throw badElf('there are too many sections');
  const table = readFields(read, at, count * SECTION_HEADER_BYTES, 'the section headers');
  const namesAt = table.u64(namesIndex * SECTION_HEADER_BYTES + 24);
  return Array.from({ length: count }, (_, index) => index * SECTION_HEADER_BYTES).flatMap((entry) => {
    const hasBytes = table.u32(entry + 4) !== SHT_NOBITS && (table.u64(entry + 8) & SHF_COMPRESSED) === 0n;
    const name = hasBytes ? readText(read, namesAt + BigInt(table.u32(entry)), MAX_NAME) : null;
    const size = table.u64(entry + 32);
    if (name === null || size > BigInt(Number.MAX_SAFE_INTEGER)) return [];
    return [{ name, offset: table.u64(entry + 24), sizeBytes: Number(size) }];
  });
}
