import { readElfHeader, SECTION_HEADER_BYTES } from './elf-header.ts';
import { type ReadBytes, readFields } from './memory-reader.ts';
import { parseNotes } from './notes.ts';
import { PT_NOTE, readProgramHeaders } from './program-header.ts';

const NT_GO_BUILD_ID = 4;
/** Beyond these an ELF file is damaged or not worth the time. */
const MAX_HEADERS = 256;
const MAX_NOTES_BYTES = 64 * 1024;
const MAX_NAMES_BYTES = 64 * 1024;
const BUILD_INFO = Buffer.from('\0.go.buildinfo\0');

/**
 * Was an ELF file made by Go's linker? It leaves a note (cmd/link: owner `Go`, type 4), which `-buildid=` leaves out,
 * and a section `.go.buildinfo`, which `strip` leaves in. False for anything that cannot be read; never throws.
 */
export function isGoProgram(read: ReadBytes): boolean {
  try {
    return hasGoNote(read) || hasGoSection(read);
  } catch {
    return false;
  }
}

function hasGoNote(read: ReadBytes): boolean {
  const { programHeadersOffset, programHeaderCount } = readElfHeader(read);
  if (programHeaderCount > MAX_HEADERS) return false;
  return readProgramHeaders(read, programHeadersOffset, programHeaderCount).some((header) => {
    if (header.type !== PT_NOTE || header.fileSizeBytes > MAX_NOTES_BYTES) return false;
    const bytes = read(header.offset, Number(header.fileSizeBytes));
    const notes = parseNotes(bytes, header.align === 8n ? 8 : 4);
    return notes.some(({ name, type }) => name === 'Go' && type === NT_GO_BUILD_ID);
  });
}

/** Looked for among the names of the sections: their table itself can be long. */
function hasGoSection(read: ReadBytes): boolean {
  const header = readFields(read, 0n, 64, 'the ELF header');
  const namesHeaderAt = header.u64(40) + BigInt(header.u16(62) * SECTION_HEADER_BYTES);
  const names = readFields(read, namesHeaderAt, SECTION_HEADER_BYTES, 'the section of names');
  const size = names.u64(32);
  const bytes = read(names.u64(24), size < MAX_NAMES_BYTES ? Number(size) : MAX_NAMES_BYTES);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(BUILD_INFO);
}
