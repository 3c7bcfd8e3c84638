import { Fields } from './fields.ts';
import { add, type LoadedImage } from './loaded-image.ts';
import type { ReadBytes } from './memory-reader.ts';
import { PT_DYNAMIC } from './program-header.ts';

export const DT_HASH = 4;
export const DT_STRTAB = 5;
export const DT_SYMTAB = 6;
export const DT_DEBUG = 21;
export const DT_GNU_HASH = 0x6ffffef5;

const MAX_ENTRIES = 1024;

export type DynamicSection = {
  address: bigint;
  sizeBytes: number;
  /** Values by tag as they stand in memory. */
  values: ReadonlyMap<number, bigint>;
};

/** The image's PT_DYNAMIC (ELF gABI, "Dynamic Section"); null for a static program. */
export function readDynamicSection(read: ReadBytes, image: LoadedImage): DynamicSection | null {
  const header = image.headers.find(({ type }) => type === PT_DYNAMIC);
  if (header === undefined) return null;
  const address = add(image.bias, header.address);
  const wanted =
    header.memorySizeBytes < MAX_ENTRIES * 16 ? Number(header.memorySizeBytes) : MAX_ENTRIES * 16;
  const bytes = read(address, wanted);
  const fields = new Fields(bytes, 'the dynamic section');
  const values = new Map<number, bigint>();
  let at = 0;
  for (; at + 16 <= bytes.length; at += 16) {
    const tag = Number(fields.u64(at));
    if (tag === 0) break;
    if (!values.has(tag)) values.set(tag, fields.u64(at + 8));
  }
  return { address, sizeBytes: Math.min(at + 16, bytes.length), values };
}

/**
 * A tag whose value is an address. glibc's loader adds the bias to it in memory, musl's and the vdso's stay as linked,
 * so a value below the image is one that was not relocated.
 */
export function dynamicAddress(dynamic: DynamicSection, tag: number, bias: bigint): bigint | null {
  const value = dynamic.values.get(tag);
  if (value === undefined || value === 0n) return null;
  return value < bias ? add(bias, value) : value;
}
