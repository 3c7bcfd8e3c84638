import { Fields } from '../../formats/elf/fields.ts';
import { MACHINES, type Machine } from '../../formats/elf/machine.ts';
import { isGuard, mappingAt, stackAt } from '../../formats/elf/mapping-at.ts';
import { SI_KERNEL } from '../../formats/procfs/signal-info.ts';
import type { AddressClass, FaultClassification } from '../../model/fault.ts';
import type { ProcessSnapshot } from '../../model/process-snapshot.ts';
import { classifyGeneralProtection } from './general-protection.ts';

export type Pointers = { instructionPointer: bigint; stackPointer: bigint };
export type AccessVerdict = Pick<FaultClassification, 'kind' | 'summary' | 'faultAddress' | 'addressClass'>;

const NULL_BELOW = 64n * 1024n;
const LONGEST_INSTRUCTION = 16;
/**
 * A function can reserve all its locals before it touches them: the largest distance of the fault above the stack pointer.
 */
const LARGEST_FRAME = 16n * 1024n * 1024n;
/** … and below it: calls push, leaf functions use the red zone, stack probes touch their page. */
const BELOW_STACK_POINTER = 64n * 1024n;

/** A SIGSEGV raised by the processor. */
export function classifySegv(
  snapshot: ProcessSnapshot,
  code: number,
  address: bigint,
  pointers: Pointers,
): AccessVerdict {
  if (code === SI_KERNEL) return classifyProtection(snapshot, pointers);
  if (isOverflow(snapshot, address, pointers.stackPointer)) {
    return {
      kind: 'stack-overflow',
      summary: 'stack-overflow',
      faultAddress: address,
      addressClass: 'stack-guard',
    };
  }
  const fault = { kind: 'fault', faultAddress: address } as const;
  const executed = address === pointers.instructionPointer;
  const addressClass = classifyAddress(snapshot, address, executed);
  if (executed) return { ...fault, summary: 'bad-jump', addressClass };
  if (addressClass === 'null') return { ...fault, summary: 'null-access', addressClass };
  const mapped = mappingAt(snapshot.mappings, address) !== null;
  return { ...fault, summary: mapped ? 'protected-access' : 'bad-access', addressClass };
}

/** Near the stack pointer, below its stack. Also for threads, coroutines and alternate stacks. */
function isOverflow({ mappings }: ProcessSnapshot, address: bigint, stackPointer: bigint): boolean {
  const stack = stackAt(mappings, stackPointer);
  if (stack === null || address >= stack.mapping.start) return false;
  // The fault is in a guard page or in the gap below the stack, not in other memory.
  const there = mappingAt(mappings, address);
  if (there !== null && !isGuard(there)) return false;
  return address + BELOW_STACK_POINTER >= stackPointer && address <= stackPointer + LARGEST_FRAME;
}

function classifyAddress(snapshot: ProcessSnapshot, address: bigint, executed: boolean): AddressClass {
  if (address < NULL_BELOW) return 'null';
  if (!isCanonical(address, snapshot.machine)) return 'non-canonical';
  const mapping = mappingAt(snapshot.mappings, address);
  if (mapping === null) return 'unmapped';
  if (executed && !mapping.executable) return 'not-executable';
  return mapping.readable && !mapping.writable ? 'read-only' : 'inaccessible';
}

/** The hardware reports no address; the instruction shows the kind of fault. */
function classifyProtection(snapshot: ProcessSnapshot, pointers: Pointers): AccessVerdict {
  const fault = { kind: 'fault', faultAddress: null, addressClass: null } as const;
  if (snapshot.machine !== 'x86-64') return { ...fault, summary: 'general-protection' };
  if (!isCanonical(pointers.instructionPointer, 'x86-64')) {
    const faultAddress = pointers.instructionPointer;
    return { kind: 'fault', summary: 'bad-jump', faultAddress, addressClass: 'non-canonical' };
  }
  const why = classifyGeneralProtection(
    snapshot.readMemory(pointers.instructionPointer, LONGEST_INSTRUCTION),
  );
  if (why === 'misaligned') return { ...fault, summary: 'misaligned-access' };
  if (why === 'privileged') return { ...fault, summary: 'privileged-instruction' };
  if (why === 'return') {
    const top = snapshot.readMemory(pointers.stackPointer, 8);
    const target = top.length < 8 ? null : new Fields(top, 'a stack').u64(0);
    return { ...fault, summary: 'bad-jump', faultAddress: target, addressClass: 'non-canonical' };
  }
  if (why === 'indirect-jump') return { ...fault, summary: 'bad-jump', addressClass: 'non-canonical' };
  return { ...fault, summary: 'bad-access', addressClass: 'non-canonical' };
}

function isCanonical(address: bigint, machine: Machine): boolean {
  const { addressBits } = MACHINES[machine];
  // On arm64 user space has only the lower half.
  return BigInt.asUintN(64, BigInt.asIntN(addressBits, address)) === address;
}
