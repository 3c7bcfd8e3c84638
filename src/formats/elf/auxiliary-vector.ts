import { Fields } from './fields.ts';

/** Entries of the auxiliary vector that are used (getauxval(3)). */
export const AT_PHDR = 3;
export const AT_PHNUM = 5;
const AT_PAGESZ = 6;
export const AT_SYSINFO_EHDR = 33;
export const AT_RANDOM = 25;
export const AT_EXECFN = 31;

const MAX_ENTRIES = 256;

/** Values by type; of a type that occurs twice the first. Ends at AT_NULL or where the vector is cut. Never throws. */
export function parseAuxiliaryVector(auxv: Uint8Array): Map<number, bigint> {
  const fields = new Fields(auxv, 'the auxiliary vector');
  const values = new Map<number, bigint>();
  for (let at = 0; at + 16 <= auxv.length && at < MAX_ENTRIES * 16; at += 16) {
    const type = Number(fields.u64(at));
    if (type === 0) break;
    if (!values.has(type)) values.set(type, fields.u64(at + 8));
  }
  return values;
}

/** Size of a page; 4096 where the vector does not say or says nonsense. */
export function pageSizeOf(values: ReadonlyMap<number, bigint>): number {
  const size = Number(values.get(AT_PAGESZ) ?? 4096n);
  return [4096, 16384, 65536].includes(size) ? size : 4096;
}
