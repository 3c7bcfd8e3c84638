const METADATA = 0x42_4a_53_42;
const MAX_STREAMS = 16;

/** A stream of the metadata at `root` (ECMA-335 II.24.2), such as `#Strings`; null if there is none. @throws RangeError beyond the bytes */
export function metadataStream(bytes: Buffer, root: number, name: string): Buffer | null {
  if (bytes.readUInt32LE(root) !== METADATA) return null;
  // Streams follow the version, whose length is a multiple of four.
  let at = root + 16 + bytes.readUInt32LE(root + 12);
  const count = Math.min(bytes.readUInt16LE(at + 2), MAX_STREAMS);
  at += 4;
  for (let stream = 0; stream < count; stream++) {
    const end = bytes.indexOf(0, at + 8);
    if (end < 0) return null;
    const start = root + bytes.readUInt32LE(at);
    if (bytes.toString('latin1', at + 8, end) === name)
      return bytes.subarray(start, start + bytes.readUInt32LE(at + 4));
    at += 8 + (((end - at - 8) >> 2) + 1) * 4;
  }
  return null;
}
