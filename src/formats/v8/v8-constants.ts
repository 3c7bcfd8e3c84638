import { findDynamicSymbol } from '../elf/dynamic-symbol.ts';
import type { LoadedImage } from '../elf/loaded-image.ts';
import type { ReadBytes } from '../elf/memory-reader.ts';

/**
 * Values of V8's description of itself for post-mortem debuggers: `v8dbg_…` symbols, which Node exports on purpose, of
 * type `int`. A field can have several names, because names end in the field's type, which changed between versions.
 * null for a program without one of them, and where V8 keeps compressed pointers. A few hundred small reads. Throws
 * BAD_RECORD for a damaged image.
 */
export function readV8Constants<Name extends string>(
  read: ReadBytes,
  image: LoadedImage,
  names: Readonly<Record<Name, readonly string[]>>,
): Record<Name, number> | null {
  const constant = (name: string): number | null => {
    const address = findDynamicSymbol(read, image, `v8dbg_${name}`);
    return address === null ? null : integerAt(read, address);
  };
  const found: Partial<Record<Name, number>> = {};
  for (const [field, candidates] of Object.entries<readonly string[]>(names)) {
    const value = candidates.map(constant).find((each) => each !== null) ?? null;
    if (value === null) return null;
    found[field as Name] = value;
  }
  return constant('TaggedSize') === 8 ? (found as Record<Name, number>) : null;
}

function integerAt(read: ReadBytes, address: bigint): number | null {
  const bytes = read(address, 4);
  return bytes.length < 4 ? null : new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true);
}
