import { badElf } from './fields.ts';
import { type ReadBytes, readFields } from './memory-reader.ts';

export const ELF_HEADER_BYTES = 64;
export const PROGRAM_HEADER_BYTES = 56;
export const SECTION_HEADER_BYTES = 64;
/** `e_phnum` that means: the number is `sh_info` of section header 0 (elf(5), PN_XNUM). */
export const PN_XNUM = 0xffff;

export const ET_EXEC = 2;
export const ET_CORE = 4;

/** The kernel allows a process 65,530 mappings by default; a core of more is taken for damage. */
const MAX_PROGRAM_HEADERS = 1_000_000;

export type ElfHeader = {
  type: number;
  elfMachine: number;
  /** Offset in the file, as are all of them. */
  programHeadersOffset: bigint;
  /** The real number, also where the header holds PN_XNUM. */
  programHeaderCount: number;
};

/**
 * Header of a 64-bit little-endian ELF file or its image in memory, from address 0 of `read` (ELF gABI).
 * Throws BAD_RECORD for anything else.
 */
export function readElfHeader(read: ReadBytes): ElfHeader {
  const header = readFields(read, 0n, ELF_HEADER_BYTES, 'the ELF header');
  if (header.u32(0) !== 0x464c457f) throw badElf('there is no ELF magic');
  if (header.u8(4) !== 2 || header.u8(5) !== 1) throw badElf('the class is not 64-bit little-endian');
  let programHeaderCount = header.u16(56);
  if (programHeaderCount > 0 && header.u16(54) !== PROGRAM_HEADER_BYTES) {
    throw badElf('program headers have another size');
  }
  if (programHeaderCount === PN_XNUM) {
    const section = readFields(read, header.u64(40), SECTION_HEADER_BYTES, 'section header 0');
    programHeaderCount = section.u32(44);
  }
  if (programHeaderCount > MAX_PROGRAM_HEADERS) throw badElf('there are too many program headers');
  return {
    type: header.u16(16),
    elfMachine: header.u16(18),
    programHeadersOffset: header.u64(32),
    programHeaderCount,
  };
}

/** Does memory begin like an ELF file? */
export function hasElfMagic(bytes: Uint8Array): boolean {
  return bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}
