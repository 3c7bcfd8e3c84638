import type { CrashReport, ThreadStack } from '../../../src/model/crash-report.ts';
import type { Frame } from '../../../src/model/frame.ts';
import { libraryFrame, machineFrame, nativeDeath, nativeReport, place } from '../journal/native-death.ts';

const SERVER = '/srv/shop/bin/server';
const LIBC = '/lib/x86_64-linux-gnu/libc.so.6';
const STDCXX = '/lib/x86_64-linux-gnu/libstdc++.so.6';
const NODE = '/usr/bin/node';
const ADDON = '/srv/shop/build/Release/prices.node';

const source = (file: string, line: number, column: number | null = null) => ({ file, line, column });
const inlined = (at: number) => ({ native: place(SERVER, at, true) });
const libc = (name: string, at: number) => libraryFrame(name, LIBC, at);
const node = (name: string, at: number) => libraryFrame(name, NODE, at, { module: 'node' });

const START = [
  libc('__libc_start_call_main', 0x2724a),
  libc('__libc_start_main_impl', 0x27305),
  machineFrame('_start', 0x1190, { module: 'libc', inApp: false }),
];

const ABORT = [
  libc('__pthread_kill_implementation', 0x8aeec),
  libc('raise', 0x3bfb2),
  libc('abort', 0x26472),
];

const ABORTED = {
  kind: 'abort',
  summary: 'abort',
  signal: 6,
  siCode: -6,
  addressClass: null,
  faultAddress: null,
} as const;

const RUST = `/rustc/${'0123456789'.repeat(4)}/library`;
const RUST_PANIC = [
  machineFrame(
    'std::sys::pal::unix::abort_internal',
    0x2b1a0,
    std(`${RUST}/std/src/sys/pal/unix/mod.rs`, 366),
  ),
  machineFrame('std::panicking::rust_panic_with_hook', 0x2a9c3, std(`${RUST}/std/src/panicking.rs`, 824)),
  machineFrame('core::panicking::panic_fmt', 0x7e21, std(`${RUST}/core/src/panicking.rs`, 75, 14)),
  machineFrame('core::option::expect_failed', 0x7f02, std(`${RUST}/core/src/option.rs`, 2049, 5)),
];

function std(file: string, line: number, column: number | null = null): Partial<Frame> {
  return { file, line, column, module: 'std', inApp: false };
}

const javaScript = (name: string | null, file: string, line: number, more: Partial<Frame> = {}): Frame => ({
  function: name,
  ...source(file, line, 3),
  ...{ module: null, inApp: true, repeat: 1, trust: 'v8-heap' },
  ...more,
});

const THREADS: ThreadStack[] = [
  {
    count: 4,
    frames: [
      libc('__futex_abstimed_wait_common', 0x85f3a),
      libc('pthread_cond_wait', 0x888a8),
      machineFrame('app::Pool::next', 0x2114, source('/srv/shop/src/pool.cpp', 61, 9)),
      libc('start_thread', 0x89134),
      libc('__clone3', 0x109a40),
    ],
  },
  { count: 2, frames: [libc('epoll_wait', 0x108b26), machineFrame(null, 0x2290), ...START.slice(0, 2)] },
  { count: 1, frames: [] },
];

/** Deaths by a signal as analysis describes them, for goldens. */
export const NATIVE_SAMPLES: Readonly<Record<string, CrashReport>> = {
  'cxx-inlined': nativeReport(nativeDeath({}, { otherThreads: THREADS }), {
    frames: [
      libraryFrame('__strlen_avx2', LIBC, 0x15d3c9, { trust: 'ip' }),
      libc('vfprintf', 0x5b2f1),
      libc('snprintf', 0x5a0e2),
      machineFrame('app::Cart::label', 0x1505, {
        ...source('/srv/shop/src/cart.cpp', 12, 3),
        ...inlined(0x1505),
      }),
      machineFrame(
        'std::for_each<app::Order const*, app::Cart::print()::{lambda(app::Order const&)#1}>',
        0x1505,
        {
          ...source('/usr/include/c++/12/bits/stl_algo.h', 3785),
          ...inlined(0x1505),
          ...{ module: 'std', inApp: false },
        },
      ),
      machineFrame('app::Checkout<app::Order>::total', 0x1505, source('/srv/shop/src/checkout.hpp', 88, 17)),
      machineFrame('main', 0x1207, source('/srv/shop/src/main.cpp', 41)),
      ...START,
    ],
  }),
  stripped: nativeReport(nativeDeath({ summary: 'bad-access', addressClass: 'unmapped' }), {
    frames: [
      machineFrame(null, 0x1505, { trust: 'ip' }),
      machineFrame(null, 0x1620, { trust: 'frame-pointer' }),
      machineFrame(null, 0x7ffd5a1b2c30, {
        native: place(null, 0x7ffd5a1b2c30),
        module: 'unknown',
        inApp: false,
      }),
      machineFrame(null, 0x17a8, { trust: 'scan' }),
      ...START.slice(0, 2),
    ],
    problems: [{ code: 'unwind-incomplete', count: 1 }],
  }),
  rust: nativeReport(nativeDeath({ ...ABORTED, abortKind: 'unknown' }), {
    frames: [
      ...ABORT,
      ...RUST_PANIC,
      machineFrame('shop::cart::Cart::price_of', 0x9a31, source('/srv/shop/src/cart.rs', 27, 14)),
      machineFrame('<shop::api::Handler as shop::api::Serve>::serve::{closure#0}', 0x9b02, {
        ...source('/srv/shop/src/api.rs', 104, 9),
      }),
      machineFrame('serde_json::de::from_str', 0xc0aa, {
        ...source('/home/alice/.cargo/registry/src/index-1/serde_json-1.0.1/src/de.rs', 2676),
        ...{ module: 'serde_json', inApp: false },
      }),
      machineFrame('shop::main', 0x9f10, source('/srv/shop/src/main.rs', 9, 5)),
      ...START,
    ],
  }),
  'node-mixed': nativeReport(nativeDeath(), {
    runtime: { name: 'node', version: '24.21.0' },
    frames: [
      addonFrame('prices::Table::find', 0x4f31, { ...source('/srv/shop/native/table.cc', 77), trust: 'ip' }),
      addonFrame('prices::Find', 0x5210, source('/srv/shop/native/binding.cc', 31)),
      node('v8impl::(anonymous namespace)::FunctionCallbackWrapper::Invoke', 0xb0c1f4),
      node('Builtins_CallApiCallbackGeneric', 0x1a7e3a),
      javaScript('priceOf', '/srv/shop/src/pricing.ts', 41),
      javaScript('total', '/srv/shop/src/cart.ts', 12, { trust: 'call-site' }),
      javaScript('emit', 'node:events', 518, { module: 'node', inApp: false }),
      node('node::InternalMakeCallback', 0xa1b2c3),
      node('uv_run', 0x19b1d0a),
      node('node::Start', 0xb99d10),
      ...START.slice(0, 2),
    ],
  }),
  'double-free': nativeReport(
    nativeDeath({
      ...ABORTED,
      abortKind: 'double-free',
      abortText: 'free(): double free detected in tcache 2 \u001b[2J',
    }),
    {
      frames: [
        ...ABORT,
        libc('__libc_message', 0x7f3af),
        libc('malloc_printerr', 0x94d8a),
        libc('_int_free', 0x96f2a),
        libc('free', 0x99aef),
        machineFrame('app::Session::close', 0x1505, source('/srv/shop/src/session.cpp', 204, 5)),
        machineFrame('main', 0x1207, source('/srv/shop/src/main.cpp', 41)),
        ...START,
      ],
    },
  ),
  'cxx-exception': nativeReport(
    nativeDeath(
      { ...ABORTED, abortKind: 'uncaught-exception', cxxExceptionType: 'N3app7MyErrorE' },
      { cxxExceptionType: 'app::MyError' },
    ),
    {
      frames: [
        ...ABORT,
        libraryFrame('__gnu_cxx::__verbose_terminate_handler', STDCXX, 0x9d918),
        libraryFrame('__cxxabiv1::__terminate', STDCXX, 0xa8e1a),
        libraryFrame('std::terminate', STDCXX, 0xa8e85),
        libraryFrame('__cxa_throw', STDCXX, 0xa90d8),
        machineFrame('app::Pool::next', 0x2114, source('/srv/shop/src/pool.cpp', 61, 9)),
        machineFrame('main', 0x1207, source('/srv/shop/src/main.cpp', 41)),
        ...START,
      ],
    },
  ),
  overflow: nativeReport(
    nativeDeath({
      kind: 'stack-overflow',
      summary: 'stack-overflow',
      siCode: 2,
      addressClass: 'stack-guard',
    }),
    {
      frames: [
        machineFrame('app::parse_value', 0x1505, {
          ...source('/srv/shop/src/parse.cpp', 17, 10),
          repeat: 52_407,
        }),
        machineFrame('app::parse_list', 0x1620, {
          ...source('/srv/shop/src/parse.cpp', 44, 7),
          repeat: 52_407,
        }),
        machineFrame('main', 0x1207, source('/srv/shop/src/main.cpp', 41)),
        ...START,
      ],
      problems: [{ code: 'frames-cut', count: 12 }],
    },
  ),
  seccomp: nativeReport(
    nativeDeath({
      ...{ summary: 'forbidden-system-call', signal: 31, systemCall: 101 },
      ...{ addressClass: null, faultAddress: null },
    }),
    { signal: 'SIGSYS', frames: [libc('ptrace', 0x10a1c4), machineFrame(null, 0x1505), ...START] },
  ),
};

function addonFrame(name: string, at: number, more: Partial<Frame>): Frame {
  return machineFrame(name, at, { native: place(ADDON, at), ...more });
}
