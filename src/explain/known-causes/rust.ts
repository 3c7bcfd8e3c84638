import { all, isRustPanic, not, ofType } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

/** What Rust prints of a death, where its frames do not say more. */
export const RUST: readonly CatalogEntry[] = [
  {
    id: 'rust-panic-printed',
    title: 'Rust code panicked',
    matches: all(ofType(/^panic$/), not(isRustPanic)),
    meaning: 'The main thread panicked, which ends the process, or the program is built to abort on panic.',
    steps: [
      'Open the first frame of your code.',
      'Read the panic message in the private log.',
      'For the calls that led there, set RUST_BACKTRACE=1 and, so that errors stay cheap, RUST_LIB_BACKTRACE=0.',
    ],
    link: 'https://doc.rust-lang.org/std/macro.panic.html',
  },
  {
    id: 'rust-stack-overflow',
    title: 'A thread of Rust overflowed its stack',
    matches: ofType(/^stack overflow$/),
    meaning: 'A function called itself too often, or kept too much on the stack. Rust prints no stack of it.',
    steps: [
      'Look for recursion that depends on input, such as nested data, and limit its depth.',
      'Allocate large arrays on the heap (Box, Vec).',
    ],
    link: 'https://doc.rust-lang.org/std/thread/index.html#stack-size',
  },
  {
    id: 'rust-allocation-failed',
    title: 'Rust could not allocate memory',
    matches: ofType(/^memory allocation failed$/),
    meaning: 'The allocator refused memory: a limit was reached, or one allocation was very large.',
    steps: [
      'Compare the memory limit (ulimit -v, cgroup) with the memory use of the process.',
      'Check sizes that come from input before they are reserved; use try_reserve.',
    ],
    link: 'https://doc.rust-lang.org/std/alloc/fn.handle_alloc_error.html',
  },
];
