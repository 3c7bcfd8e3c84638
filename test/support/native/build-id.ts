import { add, type LoadedImage } from '../../../src/formats/elf/loaded-image.ts';
import type { ReadBytes } from '../../../src/formats/elf/memory-reader.ts';
import { parseNotes } from '../../../src/formats/elf/notes.ts';
import { PT_NOTE } from '../../../src/formats/elf/program-header.ts';

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
