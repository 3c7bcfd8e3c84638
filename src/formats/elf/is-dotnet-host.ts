import type { ReadBytes } from './memory-reader.ts';
import { readSections } from './sections.ts';

/** At the end of a bundle's place in each host, so that tools of .NET find it: the SHA-256 of ".net core bundle". */
const MARK = Buffer.from('8b1202b96a612038727b930214d7a03213f5b9e6efae3318ee3b2dce24b36aae', 'hex');
/** It is among the first of the data (tried with .NET 9 and 10). */
const MAX_DATA_BYTES = 64 * 1024;

/**
 * Is an ELF file the host of a .NET program (3.0 or later), which has the program's own name: one that loads the runtime, or a
 * single file that has it inside? False for `dotnet` itself, and anything that cannot be read; never throws.
 */
export function isDotnetHost(read: ReadBytes): boolean {
  try {
    const data = readSections(read).find(({ name }) => name === '.data');
    if (data === undefined) return false;
    return Buffer.from(read(data.offset, Math.min(data.sizeBytes, MAX_DATA_BYTES))).includes(MARK);
  } catch {
    return false;
  }
}
