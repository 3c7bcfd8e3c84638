import type { CrashFacts } from '../../model/crash-facts.ts';
import { all, inFunction, isAbort, isRustPanic, not } from './conditions.ts';
import type { CatalogueEntry } from './known-cause.ts';

const isCxxException = isAbort('uncaught-exception');
const ofType = (type: RegExp) => (facts: CrashFacts) =>
  isCxxException(facts) && type.test(facts.exceptionType ?? '');

/** What has an entry of its own. */
const PARTICULAR = /^std::(?:bad_alloc|bad_array_new_length|out_of_range)$/;
const PARTICULAR_PANIC =
  /^core::(?:option|result)::\w*(?:unwrap|expect)_failed|^core::panicking::panic_(?:bounds_check|const::)|^core::slice::index::\w+_fail/;

/** What languages end a program with; particular entries before general ones. */
export const LANGUAGES: readonly CatalogueEntry[] = [
  {
    id: 'cxx-out-of-memory',
    title: 'C++ could not get memory',
    matches: ofType(/^std::bad_(?:alloc|array_new_length)$/),
    meaning:
      'An allocation failed, and nobody caught std::bad_alloc. Often the size that was asked for is wrong, such as a negative number; else memory is used up.',
    steps: [
      'Look in the first frame of your own at the size that is allocated.',
      'Compare the memory limit with what the process uses.',
    ],
    link: 'https://en.cppreference.com/w/cpp/memory/new/bad_alloc',
  },
  {
    id: 'cxx-out-of-range',
    title: 'An index or key was out of range',
    matches: ofType(/^std::out_of_range$/),
    meaning:
      'A checked access, such as at() of a container, or a conversion of a number, found nothing at that place. Nobody caught the exception.',
    steps: [
      'Look in the first frame of your own which index or key it asks for.',
      'Check the size before, or catch the exception.',
    ],
    link: 'https://en.cppreference.com/w/cpp/error/out_of_range',
  },
  {
    id: 'cxx-exception',
    title: 'A C++ exception that nobody caught',
    matches: (facts) => isCxxException(facts) && !PARTICULAR.test(facts.exceptionType ?? ''),
    meaning:
      'An exception left main, a thread, a destructor or a noexcept function, and the C++ runtime ended the process.',
    steps: [
      'Catch it where the work can go on, or at the beginning of each thread.',
      'Look for destructors and noexcept functions in the stack: they may not throw.',
    ],
    link: 'https://en.cppreference.com/w/cpp/error/terminate',
  },
  {
    id: 'rust-unwrap',
    title: 'A Rust value was not there (unwrap or expect)',
    matches: all(isRustPanic, inFunction(/^core::(?:option|result)::\w*(?:unwrap|expect)_failed/)),
    meaning:
      'The code called unwrap or expect on an Option that was None or a Result that was an error, which panics.',
    steps: [
      'Open the first frame of your own, and handle None or the error there.',
      'Read the message of the panic in what the worker printed last.',
    ],
    link: 'https://doc.rust-lang.org/book/ch09-00-error-handling.html',
  },
  {
    id: 'rust-index',
    title: 'A Rust index was out of bounds',
    matches: all(
      isRustPanic,
      inFunction(/^core::panicking::panic_bounds_check|^core::slice::index::\w+_fail/),
    ),
    meaning: 'An index or a range was beyond the end of a slice, which panics.',
    steps: ['Open the first frame of your own, and use get, or check the length before.'],
    link: 'https://doc.rust-lang.org/book/ch09-01-unrecoverable-errors-with-panic.html',
  },
  {
    id: 'rust-overflow',
    title: 'A Rust number overflowed',
    matches: all(
      isRustPanic,
      inFunction(/^core::panicking::panic_const::panic_const_\w+_(?:overflow|by_zero)/),
    ),
    meaning: 'An arithmetic operation left the range of its type, or divided by zero, which panics.',
    steps: ['Open the first frame of your own, and use checked or saturating operations there.'],
    link: 'https://doc.rust-lang.org/book/ch03-02-data-types.html#integer-overflow',
  },
  {
    id: 'rust-panic',
    title: 'A Rust panic',
    matches: all(isRustPanic, not(inFunction(PARTICULAR_PANIC))),
    meaning:
      'Rust code panicked, and the program is built so that a panic ends it, or one panicked while it handled another.',
    steps: [
      'Open the first frame of your own.',
      'Read the message of the panic in what the worker printed last.',
    ],
    link: 'https://doc.rust-lang.org/book/ch09-01-unrecoverable-errors-with-panic.html',
  },
];
