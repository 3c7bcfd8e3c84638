const MAGIC = 0xca_fe_c0_c0;
const HEADER_BYTES = 32;
const MAX_ENTRIES = 2_000;
const BYTE = 'B'.charCodeAt(0);

/**
 * A text in the data that a JVM shares with tools (`hsperfdata`, version 2; jdk.internal.perf), by the name of its entry:
 * `java.rt.vmArgs`. @returns null if there is none, or the bytes are no such data
 */
export function performanceText(bytes: Buffer, name: string): string | null {
  try {
    return textOf(bytes, name);
  } catch (error) {
    // Beyond the end of the bytes.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function textOf(bytes: Buffer, name: string): string | null {
  if (bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt8(5) !== 2) return null;
  const isLittle = bytes.readUInt8(4) === 1;
  const numberAt = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const wanted = Buffer.from(`${name}\0`, 'latin1');
  let at = Math.max(HEADER_BYTES, numberAt(24));
  for (let left = Math.min(numberAt(28), MAX_ENTRIES); left > 0; left--) {
    const length = numberAt(at);
    if (length === 0) return null;
    const nameAt = at + numberAt(at + 4);
    if (bytes.subarray(nameAt, nameAt + wanted.length).equals(wanted)) {
      if (bytes.readUInt8(at + 12) !== BYTE) return null;
      const from = at + numberAt(at + 16);
      const text = bytes.subarray(from, Math.min(from + numberAt(at + 8), at + length));
      const end = text.indexOf(0);
      return text.toString('latin1', 0, end < 0 ? text.length : end);
    }
    at += length;
  }
  return null;
}
