import { ELF_HEADER_BYTES, ET_EXEC, readElfHeader } from './elf-header.ts';
import type { ReadBytes } from './memory-reader.ts';
import { type ProgramHeader, PT_LOAD, readProgramHeaders } from './program-header.ts';

/** An ELF file as it lies in memory. */
export type LoadedImage = {
  /** What is added to an address as linked, modulo 2^64. */
  bias: bigint;
  headers: ProgramHeader[];
};

/** Real images have some ten; the table has to be read while a process is held. */
const MAX_HEADERS = 256;

/** The image whose first page is at `base`. Throws BAD_RECORD if there is none. */
export function readLoadedImage(read: ReadBytes, base: bigint): LoadedImage {
  const inImage: ReadBytes = (offset, length) => read(add(base, offset), length);
  const { type, programHeadersOffset, programHeaderCount } = readElfHeader(inImage);
  const count = Math.min(programHeaderCount, MAX_HEADERS);
  const headers = readProgramHeaders(inImage, programHeadersOffset, count);
  const first = headers.find((header) => header.type === PT_LOAD);
  // What is mapped at `base` is the page that holds the file's start.
  const linkedBase = first === undefined || type === ET_EXEC ? base : first.address - first.offset;
  return { bias: type === ET_EXEC ? 0n : BigInt.asUintN(64, base - linkedBase), headers };
}

/** Address in memory of an address as linked. */
export function add(base: bigint, offset: bigint): bigint {
  return BigInt.asUintN(64, base + offset);
}

export const FIRST_PROGRAM_HEADER_AT = BigInt(ELF_HEADER_BYTES);
