import type { ReadBytes } from './memory-reader.ts';
import type { ProgramHeader } from './program-header.ts';

/** The memory that a core has, by its segments: nothing where it has none. */
export function memoryOfCore(read: ReadBytes, loads: readonly ProgramHeader[]): ReadBytes {
  const present = loads
    .filter(({ fileSizeBytes }) => fileSizeBytes > 0n)
    .toSorted((a, b) => (a.address < b.address ? -1 : 1));
  const segmentAt = (address: bigint) => {
    let low = 0;
    let high = present.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { address: start = 0n, fileSizeBytes = 0n } = present[middle] ?? {};
      if (start + fileSizeBytes <= address) low = middle + 1;
      else high = middle;
    }
    const segment = present[low];
    return segment !== undefined && segment.address <= address ? segment : null;
  };
  return (address, length) => {
    const parts: Uint8Array[] = [];
    let got = 0;
    while (got < length) {
      const at = address + BigInt(got);
      const segment = segmentAt(at);
      if (segment === null) break;
      const inside = at - segment.address;
      const left = segment.fileSizeBytes - inside;
      const wanted = left < BigInt(length - got) ? Number(left) : length - got;
      const bytes = read(segment.offset + inside, wanted);
      parts.push(bytes);
      got += bytes.length;
      if (bytes.length < wanted) break;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  };
}
