import type { CrashFacts } from '../../model/crash-facts.ts';
import { all, inFunction, isAbort, isRustPanic, not } from './conditions.ts';
import type { CatalogEntry } from './known-cause.ts';

const isCxxException = isAbort('uncaught-exception');
const ofType = (type: RegExp) => (facts: CrashFacts) =>
  isCxxException(facts) && type.test(facts.exceptionType ?? '');

/** These have their own entries. */
const PARTICULAR = /^std::(?:bad_alloc|bad_array_new_length|out_of_range)$/;
const PARTICULAR_PANIC =
  /^core::(?:option|result)::\w*(?:unwrap|expect)_failed|^core::panicking::panic_(?:bounds_check|const::)|^core::slice::index::\w+_fail/;

/** Fatal errors of language runtimes; specific entries come first. */
export const LANGUAGES: readonly CatalogEntry[] = [
  {
    id: 'cxx-out-of-memory',
    title: 'C++ could not allocate memory',
    matches: ofType(/^std::bad_(?:alloc|array_new_length)$/),
    meaning:
      'An allocation failed, and std::bad_alloc was not caught. Often the requested size is wrong, such as a negative number; otherwise memory is exhausted.',
    steps: [
      'Check the allocation size in the first frame of your code.',
      'Compare the memory limit with the memory use of the process.',
    ],
    link: 'https://en.cppreference.com/w/cpp/memory/new/bad_alloc',
  },
  {
    id: 'cxx-out-of-range',
    title: 'An index or key was out of range',
    matches: ofType(/^std::out_of_range$/),
    meaning:
      'A checked access, such as at() of a container, or a number conversion was out of range. The exception was not caught.',
    steps: [
      'Check the index or key in the first frame of your code.',
      'Check the size before the access, or catch the exception.',
    ],
    link: 'https://en.cppreference.com/w/cpp/error/out_of_range',
  },
  {
    id: 'cxx-exception',
    title: 'Uncaught C++ exception',
    matches: (facts) => isCxxException(facts) && !PARTICULAR.test(facts.exceptionType ?? ''),
    meaning:
      'An exception left main, a thread, a destructor or a noexcept function, and the C++ runtime ended the process.',
    steps: [
      'Catch it where the program can recover, or at the top of each thread.',
      'Look for destructors and noexcept functions in the stack: they must not throw.',
    ],
    link: 'https://en.cppreference.com/w/cpp/error/terminate',
  },
  {
    id: 'rust-unwrap',
    title: 'Rust unwrap or expect failed',
    matches: all(isRustPanic, inFunction(/^core::(?:option|result)::\w*(?:unwrap|expect)_failed/)),
    meaning:
      'The code called unwrap or expect on an Option that was None or a Result that was an error, which panics.',
    steps: [
      'Open the first frame of your code, and handle None or the error there.',
      'Read the panic message in the last output of the worker.',
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
    steps: ['Open the first frame of your code, and use get, or check the length first.'],
    link: 'https://doc.rust-lang.org/book/ch09-01-unrecoverable-errors-with-panic.html',
  },
  {
    id: 'rust-overflow',
    title: 'Rust arithmetic overflow',
    matches: all(
      isRustPanic,
      inFunction(/^core::panicking::panic_const::panic_const_\w+_(?:overflow|by_zero)/),
    ),
    meaning: 'An arithmetic operation left the range of its type, or divided by zero, which panics.',
    steps: ['Open the first frame of your code, and use checked or saturating operations there.'],
    link: 'https://doc.rust-lang.org/book/ch03-02-data-types.html#integer-overflow',
  },
  {
    id: 'rust-panic',
    title: 'A Rust panic',
    matches: all(isRustPanic, not(inFunction(PARTICULAR_PANIC))),
    meaning:
      'Rust code panicked: in the main thread, in a program that is built to abort on panic, or while it handled a panic.',
    steps: ['Open the first frame of your code.', 'Read the panic message in the last output of the worker.'],
    link: 'https://doc.rust-lang.org/book/ch09-01-unrecoverable-errors-with-panic.html',
  },
];
