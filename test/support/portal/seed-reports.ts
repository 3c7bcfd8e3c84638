import type { PublicFault } from '../../../src/model/fault.ts';
import type { Frame } from '../../../src/model/frame.ts';
import type { MemoryBeforeEnd } from '../../../src/model/memory.ts';
import type { Problem } from '../../../src/model/problem.ts';
import type { RedactedException } from '../../../src/model/redacted-report.ts';

/** Kinds of crashes with a report, and how many of a hundred crashes are of each. */
export type SeedCause = {
  often: number;
  kind: 'exception' | 'stack-overflow' | 'rejection' | 'fault' | 'out-of-memory';
  exceptionType: string | null;
  code: string | null;
  signal: string | null;
  fault: PublicFault | null;
  frames: Frame[];
  causes: RedactedException[];
  otherThreads: { count: number; frames: Frame[] }[];
  heap: { usedBytes: number; committedBytes: number; limitBytes: number } | null;
  memory?: MemoryBeforeEnd;
  problems: Problem[];
};

const call = (name: string | null, file: string, line: number, changes: Partial<Frame> = {}): Frame => ({
  ...{ function: name, file, line, column: 14, module: null, inApp: true, repeat: 1, trust: 'call-site' },
  ...changes,
});
const library = (module: string, name: string, file: string, line: number): Frame =>
  call(name, `node_modules/${module}/${file}`, line, { module, inApp: false });
const node = (name: string, file: string, line: number): Frame =>
  call(name, `node:${file}`, line, { module: 'node', inApp: false });
const machine = (
  name: string | null,
  image: string,
  offset: string,
  changes: Partial<Frame> = {},
): Frame => ({
  ...{ function: name, file: null, line: null, column: null, module: image, inApp: false, repeat: 1 },
  ...{ trust: 'cfi', native: { image, offset, buildId: '6b0f5c1d0a', inlined: false } },
  ...changes,
});

const EXPRESS = [
  library('express', 'Layer.handle [as handle_request]', 'lib/router/layer.js', 95),
  library('express', 'next', 'lib/router/route.js', 149),
  library('express', 'Route.dispatch', 'lib/router/route.js', 119),
  library('express', 'Function.process_params', 'lib/router/index.js', 346),
];
const TICK = [
  node('process.processTicksAndRejections', 'internal/process/task_queues', 105),
  node('async Server.<anonymous>', 'internal/http/server', 812),
];
const WAITING = {
  count: 4,
  frames: [
    machine('__futex_abstimed_wait_common', 'libc.so.6', '0x8b0e4', { trust: 'ip' }),
    machine('uv_cond_wait', 'node', '0xb2f1c0'),
    machine('node::WorkerThreadsTaskRunner::DelayedTaskScheduler::Run()', 'node', '0xa31f07'),
    machine('start_thread', 'libc.so.6', '0x891f5'),
  ],
};
const TEMPLATE =
  'std::__detail::_Hashtable_alloc<std::allocator<std::__detail::_Hash_node<std::pair<std::basic_string<char> const, image::Tile>, true>>>::_M_deallocate_node';

const MEMORY: MemoryBeforeEnd = {
  process: {
    ...{ beforeEndMs: 800, residentBytes: 640_000_000, threads: 11 },
    uses: [{ of: 'heap', usedBytes: 500_000_000, limitBytes: 536_870_912 }],
    growth: { bytes: 210_000_000, overMs: 590_000 },
    mappings: [
      { kind: 'anonymous', bytes: 580_000_000 },
      { kind: 'program', bytes: 48_000_000 },
    ],
    descriptors: [
      { kind: 'socket', count: 1_240 },
      { kind: 'file', count: 22 },
    ],
  },
  heap: {
    ...{ beforeEndMs: 2_100, usedBytes: 500_000_000, limitBytes: 536_870_912 },
    ...{ externalBytes: 31_000_000, arrayBufferBytes: 29_000_000 },
    spaces: [
      { name: 'old_space', usedBytes: 471_000_000, sizeBytes: 480_000_000 },
      { name: 'large_object_space', usedBytes: 26_000_000, sizeBytes: 26_000_000 },
    ],
    resources: [
      { type: 'TCPSocketWrap', count: 1_236 },
      { type: 'Timeout', count: 3 },
    ],
  },
};

const BASE = {
  code: null,
  signal: null,
  fault: null,
  causes: [],
  otherThreads: [],
  heap: null,
  problems: [],
};

/** The causes of a shop's crashes: thrown values, recursion, machine code, a deep stack, a full heap. */
export const SEED_CAUSES: readonly SeedCause[] = [
  {
    ...BASE,
    ...{ often: 44, kind: 'exception', exceptionType: 'TypeError' },
    frames: [
      call('Cart.total', 'src/cart/cart.ts', 48),
      call('CheckoutService.priceOf', 'src/checkout/checkout-service.ts', 112),
      ...EXPRESS,
      call('checkout', 'src/routes/checkout.ts', 27, { trust: 'vouched-text' }),
      ...TICK,
    ],
    causes: [
      {
        ...{ exceptionType: 'CurrencyError', code: 'ERR_CURRENCY' },
        frames: [call('parsePrice', 'src/cart/price.ts', 19), call('Cart.add', 'src/cart/cart.ts', 31)],
        members: [],
      },
    ],
  },
  {
    ...BASE,
    ...{ often: 20, kind: 'stack-overflow', exceptionType: 'RangeError' },
    frames: [
      call('renderNode', 'src/render/tree.ts', 31, { repeat: 10_431 }),
      call('renderTree', 'src/render/tree.ts', 9, { repeat: 10_431 }),
      call(null, 'src/render/page.ts', 77),
      ...EXPRESS,
      call('showCategory', 'src/routes/category.ts', 64),
      ...TICK,
    ],
  },
  {
    ...BASE,
    ...{ often: 16, kind: 'rejection', exceptionType: 'Error', code: 'ECONNREFUSED' },
    frames: [
      node('TCPConnectWrap.afterConnect [as oncomplete]', 'net', 1611),
      library('ioredis', 'EventEmitter.connect', 'built/redis/index.js', 210),
      call('connectRedis', 'src/sessions/connect-redis.ts', 22),
      call('main', 'src/main.ts', 14),
    ],
    problems: [{ code: 'text-frames-dropped', count: 2 }],
  },
  {
    ...BASE,
    ...{ often: 14, kind: 'fault', exceptionType: null, signal: 'SIGSEGV' },
    fault: { summary: 'null-access', siCode: 1, addressClass: 'null', systemCall: null, abortKind: null },
    frames: [
      machine('vips_image_write_line', 'libvips-cpp.so.42', '0x11e7a4', { trust: 'ip' }),
      machine('sink_disc_work', 'libvips-cpp.so.42', '0x12a0f3'),
      machine(TEMPLATE, 'sharp-linux-x64.node', '0x4c2f1', { module: 'sharp' }),
      call('resize', 'native/resize.cc', 212, {
        ...{ trust: 'cfi', column: null },
        native: { image: 'resizer.node', offset: '0x8f21', buildId: '9c41aa0e77', inlined: true },
      }),
      ...Array.from({ length: 93 }, (_, at) =>
        machine('vips_region_generate', 'libvips-cpp.so.42', `0x${(0x12b000 + at * 64).toString(16)}`, {
          trust: at > 60 ? 'scan' : 'cfi',
        }),
      ),
      machine(null, 'libglib-2.0.so.0', '0x7f0a1', { trust: 'frame-pointer' }),
      call('resizeUpload', 'src/uploads/resize.ts', 30, { trust: 'v8-heap' }),
      machine('start_thread', 'libc.so.6', '0x891f5'),
    ],
    otherThreads: [WAITING, { count: 1, frames: [machine('epoll_wait', 'libc.so.6', '0x1087e2')] }],
  },
  {
    ...BASE,
    ...{ often: 6, kind: 'out-of-memory', exceptionType: null },
    heap: { usedBytes: 508_100_000, committedBytes: 533_000_000, limitBytes: 536_870_912 },
    memory: MEMORY,
    frames: [
      call('loadReport', 'src/reports/load-report.ts', 61),
      node('Array.push', 'internal/array', 1),
      call('nightly', 'src/jobs/nightly.ts', 12),
    ],
  },
];
