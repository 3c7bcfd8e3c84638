import type { Stack } from '../../formats/elf/mapping-at.ts';
import type { ReadBytes } from '../../formats/elf/memory-reader.ts';
import type { CodeWords } from './code-words.ts';

export type Window = { address: bigint; length: number };

/** Outermost part of a stack that is not kept whole: where the recursion began. */
const OUTERMOST_BYTES = 64 * 1024;
/** A stack of as many possible return addresses holds the 64 frames that are printed, and more. */
const ENOUGH_CODE_WORDS = 1024;
const LEAST_INNERMOST_BYTES = 512 * 1024;

/**
 * What to keep of a thread's stack, from `from` (stack pointer less red zone) upwards: all of it up to `limitBytes`. Of
 * a deeper one the innermost part and the outermost 64 KiB; the innermost part is as long as it takes for enough return
 * addresses, so that an overflow in small frames does not cost megabytes, and one in big frames still has frames.
 */
export function stackWindows(
  stack: Stack,
  from: bigint,
  limits: { wholeBytes: number; limitBytes: number },
  read: ReadBytes,
  code: CodeWords,
): Window[] {
  const start = from > stack.mapping.start ? from : stack.mapping.start;
  const size = Number(stack.mapping.end - start);
  if (size <= limits.wholeBytes) return [{ address: start, length: size }];
  const most = Math.min(size, limits.limitBytes) - OUTERMOST_BYTES;
  const innermost = Math.min(most, enough(start, read, code));
  if (innermost + OUTERMOST_BYTES >= size) return [{ address: start, length: size }];
  return [
    { address: start, length: innermost },
    { address: stack.mapping.end - BigInt(OUTERMOST_BYTES), length: OUTERMOST_BYTES },
  ];
}

/** Bytes from `start` that hold enough return addresses if they lie as densely all the way as in the first bytes. */
function enough(start: bigint, read: ReadBytes, code: CodeWords): number {
  const sample = read(start - (start % 8n), LEAST_INNERMOST_BYTES);
  let found = 0;
  for (const _ of code.in(sample)) {
    found++;
    if (found === ENOUGH_CODE_WORDS) return LEAST_INNERMOST_BYTES;
  }
  return found === 0 ? Number.POSITIVE_INFINITY : Math.ceil((sample.length * ENOUGH_CODE_WORDS) / found);
}
