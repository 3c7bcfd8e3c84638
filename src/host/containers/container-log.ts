const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Standard error of `GET /containers/ID/logs`: frames of 8 bytes (stream, three zeros, length) and text. With a terminal
 * there are no frames, and both streams are one.
 */
export function readContainerLog(bytes: Buffer, hasTerminal: boolean): Buffer {
  if (hasTerminal) return bytes;
  const pieces: Buffer[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4);
    if (bytes[at] === STDERR) pieces.push(bytes.subarray(at + HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(pieces);
}
