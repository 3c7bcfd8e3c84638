/** Types of getauxval(3) that an unwinder needs. */
export const AUXV_TYPES = { phdr: 3, phent: 4, phnum: 5, base: 7, entry: 9, execFn: 31, vdso: 33 } as const;

/**
 * Parses `/proc/<pid>/auxv` of a 64-bit little-endian process (elf.h, `Elf64_auxv_t`) up to AT_NULL; what is cut short
 * is left out.
 */
export function parseAuxiliaryVector(bytes: Uint8Array): ReadonlyMap<number, bigint> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<number, bigint>();
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    const type = view.getBigUint64(at, true);
    if (type === 0n) break;
    if (type <= 0xffff_ffffn) entries.set(Number(type), view.getBigUint64(at + 8, true));
  }
  return entries;
}
