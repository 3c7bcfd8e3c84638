import { metadataStream } from './metadata-stream.ts';

const MAX_SECTIONS = 96;

/**
 * The names in a .NET assembly: of its types, namespaces, methods and fields (ECMA-335 II.24.2.3, heap `#Strings`), and of those
 * that it uses of others. Each ends with a zero; compilers store one that ends another only once.
 * @returns null if the bytes are no assembly
 */
export function assemblyNames(bytes: Buffer): Buffer | null {
  try {
    return stringsHeap(bytes);
  } catch (error) {
    // Beyond the end of the bytes.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function stringsHeap(bytes: Buffer): Buffer | null {
  const root = metadataOffset(bytes);
  return root === null ? null : metadataStream(bytes, root, '#Strings');
}

/** By the headers of the file (PE), and the directory for managed code in them. */
function metadataOffset(bytes: Buffer): number | null {
  const header = bytes.readUInt32LE(0x3c);
  if (bytes.readUInt16LE(0) !== 0x5a_4d || bytes.readUInt32LE(header) !== 0x45_50) return null;
  const optional = header + 24;
  const directories = optional + (bytes.readUInt16LE(optional) === 0x20b ? 112 : 96);
  const sections = {
    at: optional + bytes.readUInt16LE(header + 20),
    count: Math.min(bytes.readUInt16LE(header + 6), MAX_SECTIONS),
  };
  const managed = offsetOf(bytes, sections, bytes.readUInt32LE(directories + 14 * 8));
  return managed === null ? null : offsetOf(bytes, sections, bytes.readUInt32LE(managed + 8));
}

/** Where in the file an address of the loaded image is. */
function offsetOf(bytes: Buffer, sections: { at: number; count: number }, address: number): number | null {
  for (let at = sections.at; at < sections.at + 40 * sections.count; at += 40) {
    const start = bytes.readUInt32LE(at + 12);
    const sizeBytes = bytes.readUInt32LE(at + 16);
    if (address >= start && address < start + sizeBytes) return bytes.readUInt32LE(at + 20) + address - start;
  }
  return null;
}
