import { PROGRAM_HEADER_BYTES } from './elf-header.ts';
import { badElf, Fields } from './fields.ts';
import type { ReadBytes } from './memory-reader.ts';

export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_NOTE = 4;
export const PT_PHDR = 6;
export const PT_GNU_EH_FRAME = 0x6474e550;

export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

export type ProgramHeader = {
  type: number;
  flags: number;
  offset: bigint;
  /** As linked: the image's load bias has to be added. */
  address: bigint;
  fileSizeBytes: bigint;
  memorySizeBytes: bigint;
  align: bigint;
};

/** A table of program headers (ELF gABI). Throws BAD_RECORD where not all of it can be read. */
export function readProgramHeaders(read: ReadBytes, address: bigint, count: number): ProgramHeader[] {
  const size = count * PROGRAM_HEADER_BYTES;
  const bytes = read(address, size);
  if (bytes.length < size) throw badElf('program headers cannot be read');
  const table = new Fields(bytes, 'the table of program headers');
  return Array.from({ length: count }, (_, index) => {
    const at = index * PROGRAM_HEADER_BYTES;
    return {
      type: table.u32(at),
      flags: table.u32(at + 4),
      offset: table.u64(at + 8),
      address: table.u64(at + 16),
      fileSizeBytes: table.u64(at + 32),
      memorySizeBytes: table.u64(at + 40),
      align: table.u64(at + 48),
    };
  });
}
