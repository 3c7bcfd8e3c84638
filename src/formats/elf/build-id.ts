import { readElfHeader } from './elf-header.ts';
import { add, type LoadedImage } from './loaded-image.ts';
import type { ReadBytes } from './memory-reader.ts';
import { parseNotes } from './notes.ts';
import { PT_NOTE, readProgramHeaders } from './program-header.ts';

const NT_GNU_BUILD_ID = 3;
const MAX_NOTE_SEGMENT_BYTES = 64 * 1024;
/** Linkers write 8 to 32 bytes. */
const MAX_BUILD_ID_BYTES = 64;

/** Build ID of an image in memory as hex; null where it has none or its notes cannot be read. Never throws. */
export function readBuildId(read: ReadBytes, image: LoadedImage): string | null {
  for (const header of image.headers) {
    if (header.type !== PT_NOTE || header.memorySizeBytes > MAX_NOTE_SEGMENT_BYTES) continue;
    const bytes = read(add(image.bias, header.address), Number(header.memorySizeBytes));
    for (const { name, type, description } of parseNotes(bytes, header.align === 8n ? 8 : 4)) {
      if (name !== 'GNU' || type !== NT_GNU_BUILD_ID || description.length === 0) continue;
      if (description.length <= MAX_BUILD_ID_BYTES) return Buffer.from(description).toString('hex');
    }
  }
  return null;
}

/** Of a file, from offset 0 of `read`; null also for what is no ELF file. Never throws. */
export function readFileBuildId(read: ReadBytes): string | null {
  try {
    const { programHeadersOffset, programHeaderCount } = readElfHeader(read);
    const headers = readProgramHeaders(read, programHeadersOffset, programHeaderCount);
    return readBuildId(read, {
      bias: 0n,
      headers: headers.map((each) => ({ ...each, address: each.offset })),
    });
  } catch {
    return null;
  }
}
