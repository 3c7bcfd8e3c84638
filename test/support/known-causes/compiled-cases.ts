import type { AbortKind } from '../../../src/model/fault.ts';
import { crash } from '../signature/stacks.ts';
import type { CauseCases } from './cause-cases.ts';

export const abort = (abortKind: AbortKind, stack = 'work <!server>', exceptionType: string | null = null) =>
  crash({
    kind: 'abort',
    exceptionType,
    signal: 'SIGABRT',
    fault: { summary: 'abort', siCode: null, addressClass: null, systemCall: null, abortKind },
    stack,
  });
const rust = (inner: string) =>
  abort('unknown', `abort <libc.so.6>\nrust_begin_unwind <server>\n${inner} <server>\napp::run <!server>`);

const printed = (exceptionType: string) =>
  crash({ kind: 'abort', exceptionType, signal: 'SIGABRT', runtime: { name: 'native', version: null } });

/** Of C++ and Rust. */
export const COMPILED_CASES: Readonly<Record<string, CauseCases>> = {
  'cxx-out-of-memory': {
    matches: [abort('uncaught-exception', 'work <!server>', 'std::bad_alloc')],
    misses: [abort('assertion', 'work <!server>', 'std::bad_alloc')],
  },
  'cxx-out-of-range': {
    matches: [abort('uncaught-exception', 'work <!server>', 'std::out_of_range')],
    misses: [abort('uncaught-exception', 'work <!server>', 'app::out_of_range')],
  },
  'cxx-exception': {
    matches: [abort('uncaught-exception', 'work <!server>', 'app::MyError'), printed('app::MyError')],
    misses: [abort('unknown'), printed('pure virtual method called')],
  },
  'rust-unwrap': {
    matches: [rust('core::option::unwrap_failed')],
    misses: [rust('core::panicking::panic_fmt')],
  },
  'rust-index': {
    matches: [rust('core::panicking::panic_bounds_check')],
    misses: [rust('core::option::unwrap_failed')],
  },
  'rust-overflow': {
    matches: [rust('core::panicking::panic_const::panic_const_add_overflow')],
    misses: [rust('core::panicking::panic_bounds_check')],
  },
  'rust-panic': {
    matches: [rust('core::panicking::panic_fmt')],
    misses: [abort('unknown', 'abort <libc.so.6>\nwork <!server>')],
  },
};
