import { findDynamicSymbol } from '../../formats/elf/dynamic-symbol.ts';
import { readLoadedImage } from '../../formats/elf/loaded-image.ts';
import { type ReadBytes, readFields, readText } from '../../formats/elf/memory-reader.ts';
import type { Mapping } from '../../model/process-snapshot.ts';

const LIBC = /\/libc(?:\.so\.6|-2\.\d+\.so)(?: \(deleted\))?$/;
const MAX_TEXT_BYTES = 64 * 1024;

/**
 * What glibc printed before abort(3). Its variable `__abort_msg`, made for debuggers, points to the length and the text.
 * null for a static program, another C library, or an abort without a message. Private.
 */
export function readAbortMessage(mappings: readonly Mapping[], read: ReadBytes): string | null {
  const libc = mappings.find(({ name, offset }) => offset === 0n && LIBC.test(name));
  if (libc === undefined) return null;
  try {
    const variable = findDynamicSymbol(read, readLoadedImage(read, libc.start), '__abort_msg');
    if (variable === null) return null;
    const message = readFields(read, variable, 8, '__abort_msg').u64(0);
    return message === 0n ? null : readText(read, message + 4n, MAX_TEXT_BYTES);
  } catch {
    return null;
  }
}
