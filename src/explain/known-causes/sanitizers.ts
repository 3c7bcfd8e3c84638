import { ofType } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const ASAN = 'https://github.com/google/sanitizers/wiki/AddressSanitizer';

/** What sanitizers and the loader print of programs in C and C++. */
export const SANITIZERS: readonly CatalogEntry[] = [
  {
    id: 'sanitizer-use-after-free',
    title: 'Memory was used after it was freed',
    matches: ofType(/^(?:heap-use-after-free|stack-use-after-(?:return|scope)|use-after-poison)$/),
    meaning: 'AddressSanitizer found an access to memory whose lifetime had ended.',
    steps: ['Read in the private log where the memory was freed and allocated.', 'Check which code owns it.'],
    link: ASAN,
  },
  {
    id: 'sanitizer-overflow',
    title: 'An access beyond the end of a buffer',
    matches: ofType(/^(?:(?:heap|stack|global|dynamic-stack)-buffer-(?:over|under)flow|container-overflow)$/),
    meaning: 'AddressSanitizer found an access before or after a variable or an allocation.',
    steps: ['Compare size and index in the first frame of your code; the private log names the buffer.'],
    link: ASAN,
  },
  {
    id: 'sanitizer-leak',
    title: 'Memory was never freed',
    matches: ofType(/^detected memory leaks$/),
    meaning:
      'LeakSanitizer found memory at the end of the program that nothing pointed to, and changed the exit code.',
    steps: [
      'Free it, or let an object own it (std::unique_ptr).',
      'If leaks should not fail the program, set ASAN_OPTIONS=detect_leaks=0.',
    ],
    link: 'https://github.com/google/sanitizers/wiki/AddressSanitizerLeakSanitizer',
  },
  {
    id: 'undefined-behavior',
    title: 'Undefined behavior',
    matches: ofType(
      /^(?:(?:un)?signed integer overflow|division by zero|index out of bounds|use of a null pointer|misaligned address|invalid shift|invalid value|value out of range|unreachable code|pointer overflow|call through a wrong function type|undefined behavior)$/,
    ),
    meaning: 'UndefinedBehaviorSanitizer found an operation whose result the language does not define.',
    steps: ['Check the operands in the first frame of your code.'],
    link: 'https://clang.llvm.org/docs/UndefinedBehaviorSanitizer.html',
  },
  {
    id: 'missing-shared-library',
    title: 'A shared library was not found',
    matches: ofType(/^missing shared library$/),
    meaning: 'The loader could not find a library that the program needs, so the program never started.',
    steps: [
      'Run ldd on the program: it marks what is missing.',
      'Install the package of the library, or set LD_LIBRARY_PATH.',
    ],
    link: 'https://man7.org/linux/man-pages/man8/ld.so.8.html',
  },
];
