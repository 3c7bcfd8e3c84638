import type { AbortKind } from './fault.ts';

/**
 * What glibc, compilers' runtimes and sanitizers print as the reason of an abort, by how the line begins. None of them
 * holds a value, so each stands for a type.
 */
const ABORTS: readonly (readonly [beginning: string, type: string])[] = [
  ['double free or corruption', 'double free or corruption'],
  ['free(): double free detected', 'double free or corruption'],
  ['free(): invalid', 'invalid free'],
  ['munmap_chunk(): invalid', 'invalid free'],
  ['realloc(): invalid', 'heap corruption'],
  ['malloc(): ', 'heap corruption'],
  ['malloc_consolidate(): ', 'heap corruption'],
  ['corrupted size vs. prev_size', 'heap corruption'],
  ['corrupted double-linked list', 'heap corruption'],
  ['*** stack smashing detected ***', 'stack smashing detected'],
  ['*** buffer overflow detected ***', 'buffer overflow detected'],
  ['*** invalid %N$ use detected ***', 'invalid format string'],
  ['*** %n in writable segment', 'invalid format string'],
  ['*** longjmp causes uninitialized stack frame ***', 'longjmp causes uninitialized stack frame'],
  ['Fatal glibc error: ', 'fatal glibc error'],
  ['pure virtual method called', 'pure virtual method called'],
  ['Pure virtual function called!', 'pure virtual method called'],
  ['terminate called without an active exception', 'terminate without an active exception'],
  ['terminate called recursively', 'terminate called recursively'],
];

/** Of UBSan, by a part of its text; a number stands in some. */
const UNDEFINED: readonly (readonly [part: RegExp, type: string])[] = [
  [/^signed integer overflow: /, 'signed integer overflow'],
  [/^unsigned integer overflow: /, 'unsigned integer overflow'],
  [/^division by zero/, 'division by zero'],
  [/^index -?\d{1,20} out of bounds for type /, 'index out of bounds'],
  [/null pointer/, 'use of a null pointer'],
  [/misaligned address/, 'misaligned address'],
  [/^shift exponent |^left shift of /, 'invalid shift'],
  [/is not a valid value for type /, 'invalid value'],
  [/is outside the range of representable values /, 'value out of range'],
  [/^execution reached /, 'unreachable code'],
  [/^pointer index expression |^(?:addition|subtraction) of unsigned offset /, 'pointer overflow'],
  [/^call to function .* through pointer to incorrect function type /, 'call through a wrong function type'],
];

export const ASSERTION_FAILED = 'assertion failed';
export const MISSING_LIBRARY = 'missing shared library';
const UNDEFINED_BEHAVIOR = 'undefined behavior';

/** `heap-use-after-free`, `SEGV`: kinds of a sanitizer are of these words only. */
const SANITIZER_KIND = /^(?:[a-z]{2,20}(?:-[a-z]{1,20}){1,6}|SEGV|FPE|ILL|BUS|ABRT|TRAP|deadlysignal)$/;
const OTHER_KINDS: readonly (readonly [beginning: string, type: string])[] = [
  ['detected memory leaks', 'detected memory leaks'],
  ['attempting free on address', 'bad-free'],
  ['requested allocation size', 'allocation-size-too-big'],
  ['out of memory', 'out-of-memory'],
];

/** Of Rust's runtime. */
export const RUST_STACK_OVERFLOW = 'stack overflow';
export const RUST_ALLOCATION_FAILED = 'memory allocation failed';

const TYPES: ReadonlySet<string> = new Set([
  ...[...ABORTS, ...UNDEFINED, ...OTHER_KINDS].map(([, type]) => type),
  ...[ASSERTION_FAILED, MISSING_LIBRARY, UNDEFINED_BEHAVIOR, RUST_STACK_OVERFLOW, RUST_ALLOCATION_FAILED],
]);

/** A name that this file gives. */
export function isNativeErrorType(type: string): boolean {
  return TYPES.has(type) || SANITIZER_KIND.test(type);
}

const ABORT_KINDS: Readonly<Record<string, AbortKind>> = {
  'double free or corruption': 'double-free',
  'invalid free': 'invalid-free',
  'heap corruption': 'heap-corruption',
  'stack smashing detected': 'stack-smashing',
  'buffer overflow detected': 'buffer-overflow',
  [ASSERTION_FAILED]: 'assertion',
};

/** What a debugger would call such an abort; a type that is not of this file is that of a C++ exception. */
export function abortKindOf(type: string): AbortKind | null {
  return ABORT_KINDS[type] ?? (isNativeErrorType(type) ? null : 'uncaught-exception');
}

/** The type of a line that an aborting runtime printed; null if it is no such line. */
export function abortType(line: string): string | null {
  return ABORTS.find(([beginning]) => line.startsWith(beginning))?.[1] ?? null;
}

/** The same for what follows `runtime error: `. */
export function undefinedBehaviorType(text: string): string {
  return UNDEFINED.find(([part]) => part.test(text))?.[1] ?? UNDEFINED_BEHAVIOR;
}

/** The same for what follows `==1==ERROR: AddressSanitizer: `. */
export function sanitizerType(text: string): string | null {
  const other = OTHER_KINDS.find(([beginning]) => text.startsWith(beginning))?.[1];
  const kind = text.replace(/^attempting /, '').split(/[ :(]/, 1)[0] ?? '';
  return other ?? (SANITIZER_KIND.test(kind) ? kind : null);
}
