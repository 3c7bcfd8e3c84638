import type { Mapping } from '../../model/process-snapshot.ts';

/** A main thread's stack ends this far above what lies below it (kernel parameter stack_guard_gap), and more is wild. */
const STACK_GAP_BYTES = 1024n * 1024n;

/** The mapping that holds the address; mappings are in order of their addresses, as the kernel lists them. */
export function mappingAt(mappings: readonly Mapping[], address: bigint): Mapping | null {
  const mapping = mappings[firstEndingAbove(mappings, address)];
  return mapping !== undefined && mapping.start <= address ? mapping : null;
}

export type Stack = {
  mapping: Mapping;
  /** The stack pointer is below the stack: in its guard page, or in the gap that no mapping covers. */
  overflown: boolean;
};

/**
 * The stack that a stack pointer belongs to, also where it left it at the lower end; null if it points elsewhere.
 */
export function stackAt(mappings: readonly Mapping[], stackPointer: bigint): Stack | null {
  let index = firstEndingAbove(mappings, stackPointer);
  for (; index < mappings.length; index++) {
    const mapping = mappings[index];
    if (mapping === undefined || mapping.start > stackPointer + STACK_GAP_BYTES) return null;
    const below = mapping.start > stackPointer;
    if (mapping.readable && mapping.writable) return { mapping, overflown: below };
    if (!isGuard(mapping)) return null;
  }
  return null;
}

/**
 * Could it be what separates a stack from what lies below: memory that cannot be accessed? gdb's cores say of such pages
 * that they can be read.
 */
export function isGuard({ readable, writable, executable, name }: Mapping): boolean {
  return !writable && !executable && (!readable || name === '');
}

function firstEndingAbove(mappings: readonly Mapping[], address: bigint): number {
  let low = 0;
  let high = mappings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((mappings[middle]?.end ?? 0n) <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
