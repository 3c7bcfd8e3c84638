/** A file in an archive, as its directory describes it (APPNOTE.TXT 4.3). */
export type ZipEntry = {
  name: string;
  /** Of its local header, from the start of the archive. */
  offset: number;
  /** 0 is stored, 8 is deflated. */
  method: number;
  compressedBytes: number;
  sizeBytes: number;
};

const END_BYTES = 22;
/** The end of an archive with the longest comment. */
export const MAX_END_BYTES = END_BYTES + 0xffff;
const ENTRY_BYTES = 46;
export const LOCAL_HEADER_BYTES = 30;

/** Where the directory of an archive is. @param end its last bytes; @returns null if it is none, or of more than 4 GB */
export function findDirectory(
  end: Buffer,
  archiveBytes: number,
): { offset: number; sizeBytes: number; shift: number } | null {
  for (let at = end.length - END_BYTES; at >= 0; at--) {
    if (end[at] !== 0x50 || end.readUInt32LE(at) !== 0x06_05_4b_50) continue;
    const sizeBytes = end.readUInt32LE(at + 12);
    const written = end.readUInt32LE(at + 16);
    // A script can stand before the archive, so it is the end that counts.
    const offset = archiveBytes - end.length + at - sizeBytes;
    if (written !== 0xffff_ffff && offset >= written) return { offset, sizeBytes, shift: offset - written };
  }
  return null;
}

/** The files in a directory, as far as it is intact. @param shift of its offsets, from `findDirectory` */
export function* readDirectory(directory: Buffer, shift: number): Generator<ZipEntry> {
  for (let at = 0; at + ENTRY_BYTES <= directory.length; ) {
    if (directory.readUInt32LE(at) !== 0x02_01_4b_50) return;
    const nameBytes = directory.readUInt16LE(at + 28);
    const end = at + ENTRY_BYTES + nameBytes;
    if (end > directory.length) return;
    yield {
      name: directory.toString('utf8', at + ENTRY_BYTES, end),
      offset: directory.readUInt32LE(at + 42) + shift,
      method: directory.readUInt16LE(at + 10),
      compressedBytes: directory.readUInt32LE(at + 20),
      sizeBytes: directory.readUInt32LE(at + 24),
    };
    at = end + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
}

/** Where the data of a file begins. @returns null if this is no local header */
export function dataOffset(header: Buffer, offset: number): number | null {
  if (header.length < LOCAL_HEADER_BYTES || header.readUInt32LE(0) !== 0x04_03_4b_50) return null;
  return offset + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
}
