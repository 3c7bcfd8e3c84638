/** A handler that prints a stack can use much stack itself. */
const SEARCHED_BYTES = 256 * 1024;

export type FaultPlace = { tid: number; instructionPointer: bigint; stackPointer: bigint };

/**
 * Whether the thread still runs the handler of an earlier fault: the kernel's signal frame (`ucontext_t` of
 * sigreturn(2)) keeps stack and instruction pointer of the fault side by side, on x86-64 as on arm64, and lies above
 * the present stack pointer, on whichever stack the handler runs. Example: Redis prints its report in the SIGSEGV
 * handler and then raises SIGSEGV again; Rust's handler for a stack overflow calls abort(3).
 */
export function isInHandlerOf(
  fault: FaultPlace,
  stackPointer: bigint,
  readMemory: (address: bigint, length: number) => Uint8Array,
): boolean {
  const pair = Buffer.alloc(16);
  pair.writeBigUInt64LE(fault.stackPointer, 0);
  pair.writeBigUInt64LE(fault.instructionPointer, 8);
  const stack = readMemory(stackPointer, SEARCHED_BYTES);
  return Buffer.from(stack.buffer, stack.byteOffset, stack.byteLength).includes(pair);
}

/**
 * Is the thread still where it faulted, having executed nothing since? Example: Node's SIGSEGV handler raises the
 * signal while it is blocked, so that it arrives when the handler has returned.
 */
export function isSamePlace(fault: FaultPlace, place: FaultPlace): boolean {
  return (
    fault.tid === place.tid &&
    fault.instructionPointer === place.instructionPointer &&
    fault.stackPointer === place.stackPointer
  );
}
