import type { AbortKind } from '../../model/fault.ts';

/** Beginnings of messages of glibc 2.17 to 2.41 (malloc/malloc.c, debug/, assert/), more specific ones first. */
const SENTENCES: readonly (readonly [RegExp, AbortKind])[] = [
  [/^(?:\*\*\* Error in .*: )?(?:double free or corruption|free\(\): double free detected)/, 'double-free'],
  [/^(?:\*\*\* Error in .*: )?(?:free\(\): invalid (?:pointer|size)|munmap_chunk\(\): )/, 'invalid-free'],
  [/^(?:\*\*\* Error in .*: )?realloc\(\): invalid pointer/, 'invalid-free'],
  [
    /^(?:\*\*\* Error in .*: )?(?:mallopt|malloc|free|realloc|calloc|sysmalloc|mremap_chunk)\w*\(\):? /,
    'heap-corruption',
  ],
  [
    /^(?:\*\*\* Error in .*: )?(?:malloc|free|realloc)[\w ]*: (?:corrupted|invalid|unaligned|mismatching)/,
    'heap-corruption',
  ],
  [
    /^(?:\*\*\* Error in .*: )?(?:corrupted (?:size|double-linked)|invalid fastbin|malloc_consolidate)/,
    'heap-corruption',
  ],
  [/^\*\*\* stack smashing detected \*\*\*/, 'stack-smashing'],
  [/^\*\*\* (?:buffer overflow detected|%n in writable segment)/, 'buffer-overflow'],
  // Last and anywhere, since it starts with the program name.
  [/: Assertion `.*' failed\.$/s, 'assertion'],
  [/: Unexpected error: /, 'assertion'],
];

/** Longer texts are assertions, which contain source code. */
const MAX_TEXT = 16 * 1024;

/** The kind of a message that glibc aborted with; the kind is public, the message is not. */
export function abortKindOf(text: string): AbortKind {
  const trimmed = text.slice(0, MAX_TEXT).trimEnd();
  return SENTENCES.find(([pattern]) => pattern.test(trimmed))?.[1] ?? 'other-fatal';
}
