import { type CauseCases, thrown } from './cause-cases.ts';

const go = (type: string) => thrown('go', type);
const rust = (type: string, stack?: string) => thrown('rust', type, stack);
const native = (type: string) => thrown('native', type);

/** Of Go, Rust, C and C++, as their last words name them. */
export const NATIVE_CASES: Readonly<Record<string, CauseCases>> = {
  'go-nil-map': { matches: [go('assignment to entry in nil map')], misses: [go('panic')] },
  'go-nil-pointer': {
    matches: [go('runtime error: invalid memory address or nil pointer dereference')],
    misses: [go('fault')],
  },
  'go-out-of-range': {
    matches: [go('runtime error: index out of range'), go('runtime error: slice bounds out of range')],
    misses: [go('runtime error: makeslice: len out of range')],
  },
  'go-deadlock': {
    matches: [
      go('all goroutines are asleep - deadlock!'),
      go('no goroutines (main called runtime.Goexit) - deadlock!'),
    ],
    misses: [go('malloc deadlock')],
  },
  'go-concurrent-map': {
    matches: [go('concurrent map writes'), go('concurrent map read and map write')],
    misses: [go('assignment to entry in nil map')],
  },
  'go-closed-channel': {
    matches: [go('send on closed channel'), go('close of nil channel')],
    misses: [go('makechan: size out of range')],
  },
  'go-type-assertion': { matches: [go('*runtime.TypeAssertionError')], misses: [go('*main.Error')] },
  'go-divide-by-zero': {
    matches: [go('runtime error: integer divide by zero')],
    misses: [go('runtime error: integer overflow')],
  },
  'go-unhashable-key': {
    matches: [go('runtime error: hash of unhashable type'), go('runtime error: comparing uncomparable type')],
    misses: [go('runtime error: index out of range')],
  },
  'go-out-of-memory': {
    matches: [go('out of memory'), go('runtime: out of memory'), go('runtime: cannot allocate memory')],
    misses: [go('fatal error')],
  },
  'go-stack-overflow': { matches: [go('stack overflow')], misses: [go('morestack on g0')] },
  'go-unlocked-mutex': {
    matches: [go('sync: unlock of unlocked mutex'), go('sync: RUnlock of unlocked RWMutex')],
    misses: [go('sync: negative WaitGroup counter')],
  },
  'go-wait-group': {
    matches: [go('sync: negative WaitGroup counter')],
    misses: [go('sync: unlock of unlocked mutex')],
  },
  'go-too-many-threads': { matches: [go('pthread_create failed'), go('newosproc')], misses: [go('panic')] },
  'go-memory-damage': {
    matches: [go('fault'), go('unexpected signal during runtime execution')],
    misses: [go('runtime error: invalid memory address or nil pointer dereference')],
  },
  'rust-panic-printed': {
    matches: [rust('panic'), rust('panic', 'shop::total (src/cart.rs:2:7)')],
    misses: [rust('panic', 'core::panicking::panic (library/core/src/panicking.rs:1:1)')],
  },
  'rust-stack-overflow': { matches: [rust('stack overflow')], misses: [rust('panic')] },
  'rust-allocation-failed': { matches: [rust('memory allocation failed')], misses: [rust('CouponError')] },
  'sanitizer-use-after-free': {
    matches: [native('heap-use-after-free'), native('stack-use-after-scope')],
    misses: [native('double-free')],
  },
  'sanitizer-overflow': {
    matches: [native('heap-buffer-overflow'), native('stack-buffer-underflow')],
    misses: [native('stack-overflow')],
  },
  'sanitizer-leak': { matches: [native('detected memory leaks')], misses: [native('out-of-memory')] },
  'undefined-behavior': {
    matches: [native('signed integer overflow'), native('index out of bounds')],
    misses: [native('SEGV')],
  },
  'missing-shared-library': {
    matches: [native('missing shared library')],
    misses: [native('assertion failed')],
  },
};
