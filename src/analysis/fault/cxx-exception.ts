import { Fields } from '../../formats/elf/fields.ts';
import { mappingAt } from '../../formats/elf/mapping-at.ts';
import { type ReadBytes, readText } from '../../formats/elf/memory-reader.ts';
import type { Mapping } from '../../model/process-snapshot.ts';

/** The frames of terminate and abort are small; the pointer is in them or in those of the unwinder. */
const SCANNED_STACK_BYTES = 64 * 1024;
const MAX_POINTERS = 2048;
const MAX_NAME_BYTES = 4096;
/** `GNUCC++\0` as a number, first member of `_Unwind_Exception` (Itanium C++ ABI: Exception Handling). */
const EXCEPTION_CLASS = 0x474e5543432b2b00n;
/**
 * Distance of members of `__cxa_exception` (libstdc++, unwind-cxx.h; the same on all 64-bit machines) to the
 * `_Unwind_Exception` that ends it.
 */
const REFERENCES_BEFORE = 96;
const TYPE_BEFORE = 80;
const HANDLERS_BEFORE = 40;
const CATCHER_BEFORE = 16;

export type CxxException = {
  /** Mangled. Private until verified as a name. */
  type: string;
  /**
   * std::terminate handles it: the last catcher found is none or the C++ runtime (its terminate handler throws again to
   * print what()), or the exception was thrown again (`throw;`). In a program with a static runtime, an abort during a
   * catch block looks the same.
   */
  uncaught: boolean;
};

/**
 * The C++ exception that the stack above `stackPointer` points to; the thrown object is not read. A destroyed exception has
 * no references left and does not count. null if there is none.
 */
export function findCxxException(
  stackPointer: bigint,
  mappings: readonly Mapping[],
  read: ReadBytes,
): CxxException | null {
  const start = stackPointer - (stackPointer % 8n);
  const stack = new Fields(read(start, SCANNED_STACK_BYTES), 'a stack');
  const seen = new Set<bigint>();
  for (let at = 0; at + 8 <= stack.bytes.length && seen.size < MAX_POINTERS; at += 8) {
    const pointer = stack.u64(at);
    // malloc aligns to 16; most other words end here.
    if (pointer % 16n !== 0n || pointer < 0x10000n || seen.has(pointer)) continue;
    const mapping = mappingAt(mappings, pointer);
    if (mapping === null || !mapping.writable || mapping.executable) continue;
    seen.add(pointer);
    const exception = exceptionAt(pointer, mappings, read);
    if (exception !== null) return exception;
  }
  return null;
}

function exceptionAt(pointer: bigint, mappings: readonly Mapping[], read: ReadBytes): CxxException | null {
  const header = read(pointer - BigInt(REFERENCES_BEFORE), REFERENCES_BEFORE + 8);
  if (header.length < REFERENCES_BEFORE + 8) return null;
  const fields = new Fields(header, 'an exception');
  if (fields.u64(REFERENCES_BEFORE) !== EXCEPTION_CLASS || fields.i32(0) <= 0) return null;
  const typeInfo = read(fields.u64(REFERENCES_BEFORE - TYPE_BEFORE), 16);
  if (typeInfo.length < 16) return null;
  const typeFields = new Fields(typeInfo, 'a type_info');
  const name = readText(read, typeFields.u64(8), MAX_NAME_BYTES);
  // A star marks a type that is unique only by its address.
  const type = name === null ? undefined : /^\*?([A-Za-z0-9_$.]+)$/.exec(name)?.[1];
  if (type === undefined) return null;
  const catcher = mappingAt(mappings, fields.u64(REFERENCES_BEFORE - CATCHER_BEFORE));
  // The vtable of a type_info is in the C++ runtime.
  const runtime = mappingAt(mappings, typeFields.u64(0));
  const handlers = fields.i32(REFERENCES_BEFORE - HANDLERS_BEFORE);
  return { type, uncaught: catcher === null || catcher.name === runtime?.name || handlers > 1 };
}
