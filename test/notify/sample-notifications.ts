import type { CrashKind } from '../../src/model/exit.ts';
import type { PublicFault } from '../../src/model/fault.ts';
import type { Frame } from '../../src/model/frame.ts';
import type { RedactedReport } from '../../src/model/redacted-report.ts';
import type {
  CrashNotification,
  DigestItem,
  DigestNotification,
  TestNotification,
} from '../../src/notify/notification.ts';
import { parseRedactedReport } from '../../src/privacy/parse-redacted-report.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const SAMPLE_TIME_MS = Date.UTC(2026, 10, 25, 8, 53);

export function frame(
  name: string | null,
  file: string | null,
  line: number | null,
  more: Partial<Frame> = {},
): Frame {
  return {
    function: name,
    file,
    line,
    column: 11,
    module: null,
    inApp: true,
    repeat: 1,
    trust: 'call-site',
    ...more,
  };
}

const express = (name: string, file: string, line: number) =>
  frame(name, `node_modules/${file}`, line, { module: 'express', inApp: false });
const node = (name: string, file: string, line: number) =>
  frame(name, `node:${file}`, line, { module: 'node', inApp: false });

export const FRAMES: Frame[] = [
  frame('priceOf', 'src/cart/price-of.ts', 24),
  frame('Cart.total', 'src/cart/cart.ts', 58),
  express('Layer.handle [as handle_request]', 'express/lib/router/layer.js', 95),
  express('next', 'express/lib/router/route.js', 149),
  express('Route.dispatch', 'express/lib/router/route.js', 119),
  frame('checkout', 'src/routes/checkout.ts', 31),
  node('Server.emit', 'events', 520),
  node('parserOnIncoming', '_http_server', 1153),
];

const NATIVE: Frame[] = [
  frame('resize_rows', 'src/resize.cc', 210, {
    trust: 'ip',
    native: { image: 'resize.node', offset: '0x1f40', buildId: null, inlined: true },
  }),
  frame('resize', 'src/resize.cc', 188, {
    trust: 'cfi',
    native: { image: 'resize.node', offset: '0x1f02', buildId: null, inlined: false },
  }),
  frame('node::Start', null, 0, {
    line: null,
    column: null,
    module: 'node',
    inApp: false,
    trust: 'cfi',
    native: { image: 'node', offset: '0xa1b2c3', buildId: null, inlined: false },
  }),
  frame('__libc_start_main', null, 0, {
    line: null,
    column: null,
    module: 'libc.so.6',
    inApp: false,
    trust: 'cfi',
    native: { image: 'libc.so.6', offset: '0x29d90', buildId: null, inlined: false },
  }),
];

export function report(kind: CrashKind, more: Readonly<Record<string, unknown>> = {}): RedactedReport {
  return parseRedactedReport({
    schemaVersion: 3,
    id: '0123456789ab',
    app: 'shop',
    instance: 'web-1',
    diedAt: new Date(SAMPLE_TIME_MS).toISOString(),
    kind,
    exceptionType: null,
    code: null,
    signal: null,
    frames: FRAMES,
    causes: [],
    members: [],
    heap: null,
    fault: null,
    otherThreads: [],
    runtime: { name: 'node', version: '24.21.0' },
    source: 'capture',
    problems: [],
    hold: { ms: 3 },
    ...more,
  });
}

const fault = (more: Partial<PublicFault>): PublicFault => ({
  summary: 'abort',
  siCode: null,
  addressClass: null,
  systemCall: null,
  abortKind: null,
  ...more,
});

export function crashNotification(more: Partial<CrashNotification> = {}): CrashNotification {
  return {
    kind: 'opened',
    app: 'shop',
    atMs: SAMPLE_TIME_MS,
    pageUrl: 'https://crashes.example.com/apps/shop/signatures/5f2c9a',
    settingsUrl: 'https://crashes.example.com/apps/shop/settings',
    timeZone: null,
    crashKind: 'exception',
    exceptionType: 'TypeError',
    code: null,
    signal: null,
    exitStatus: { type: 'code', code: 1 },
    report: report('exception', { exceptionType: 'TypeError' }),
    episodeId: 'e1',
    title: 'TypeError in priceOf (src/cart/price-of.ts)',
    crashes: 4,
    instances: { count: 1, names: ['web-1'] },
    version: '2.4.0',
    openedAtMs: SAMPLE_TIME_MS - 12 * MINUTE,
    lastCrashAtMs: SAMPLE_TIME_MS - MINUTE,
    closedAtMs: null,
    settings: { armAfter: 3, windowMs: 24 * HOUR, cooldownMs: 8 * HOUR },
    crashesInWindow: 4,
    state: 'cooling-down',
    backAfterMs: 1240,
    returned: null,
    spread: null,
    ...more,
  };
}

const single = { crashes: 1, openedAtMs: SAMPLE_TIME_MS, lastCrashAtMs: SAMPLE_TIME_MS };

/** One of every kind of crash and of notification. */
export const CRASH_NOTIFICATIONS: Readonly<Record<string, CrashNotification>> = {
  'uncaught exception': crashNotification({
    report: report('exception', {
      exceptionType: 'TypeError',
      causes: [
        {
          exceptionType: 'Error',
          code: 'ECONNREFUSED',
          frames: [node('TCPConnectWrap.afterConnect', 'net', 1611), frame('connect', 'src/db/pool.ts', 12)],
          members: [],
        },
      ],
    }),
  }),
  'uncaught exception in Python': crashNotification({
    exceptionType: 'shop.cart.CartError',
    title: 'shop.cart.CartError in total (shop/cart.py)',
    report: report('exception', {
      exceptionType: 'shop.cart.CartError',
      ...{ runtime: { name: 'python', version: '3.11.2' }, source: 'last-words', proof: 'likely' },
      frames: [
        frame('total', 'shop/cart.py', 12, { column: null, trust: 'vouched-text' }),
        frame('dispatch', 'site-packages/flask/app.py', null, {
          ...{ column: null, module: 'flask', inApp: false, trust: 'printed' },
        }),
        frame('<module>', 'main.py', 3, { column: null, trust: 'vouched-text' }),
      ],
      causes: [
        {
          ...{ exceptionType: 'KeyError', code: null, members: [] },
          frames: [frame('price', 'shop/prices.py', 7, { column: null, trust: 'vouched-text' })],
        },
      ],
    }),
  }),
  'promise rejection': crashNotification({
    crashKind: 'rejection',
    exceptionType: 'Error',
    code: 'ECONNREFUSED',
    title: 'Error (ECONNREFUSED) in connect (src/db/pool.ts)',
    report: report('rejection', { exceptionType: 'Error', code: 'ECONNREFUSED' }),
  }),
  'stack overflow': crashNotification({
    crashKind: 'stack-overflow',
    exceptionType: 'RangeError',
    title: 'Stack overflow in walk (src/tree/walk.ts)',
    report: report('stack-overflow', {
      exceptionType: 'RangeError',
      frames: [
        frame('walk', 'src/tree/walk.ts', 7, { repeat: 10_431 }),
        frame('render', 'src/tree/render.ts', 44),
        ...FRAMES.slice(2),
      ],
    }),
  }),
  'full heap': crashNotification({
    crashKind: 'out-of-memory',
    exceptionType: null,
    signal: 'SIGABRT',
    exitStatus: { type: 'signal', signal: 'SIGABRT' },
    title: 'out of memory (JavaScript heap)',
    report: null,
    crashesInWindow: 2,
    crashes: 2,
    state: 'watching',
  }),
  'out-of-memory killer': crashNotification({
    ...single,
    crashKind: 'oom-kill',
    exceptionType: null,
    signal: 'SIGKILL',
    exitStatus: { type: 'signal', signal: 'SIGKILL' },
    title: 'OOM kill',
    report: null,
    crashesInWindow: 1,
    state: 'watching',
    backAfterMs: null,
  }),
  'null pointer': crashNotification({
    crashKind: 'fault',
    exceptionType: null,
    signal: 'SIGSEGV',
    exitStatus: { type: 'signal', signal: 'SIGSEGV' },
    title: 'SIGSEGV in resize_rows (resize.node)',
    instances: { count: 9, names: ['web-1', 'web-2', 'web-3', 'web-4', 'web-5'] },
    report: report('fault', {
      signal: 'SIGSEGV',
      fault: fault({ summary: 'null-access', siCode: 1, addressClass: 'null' }),
      frames: NATIVE,
    }),
  }),
  'double free': crashNotification({
    crashKind: 'abort',
    exceptionType: null,
    signal: 'SIGABRT',
    exitStatus: { type: 'signal', signal: 'SIGABRT' },
    title: 'Double free in resize (resize.node)',
    report: report('abort', {
      signal: 'SIGABRT',
      fault: fault({ summary: 'abort', abortKind: 'double-free' }),
      frames: NATIVE,
    }),
  }),
  'C++ exception': crashNotification({
    crashKind: 'abort',
    exceptionType: 'std::runtime_error',
    signal: 'SIGABRT',
    title: 'std::runtime_error in resize (resize.node)',
    report: report('abort', {
      signal: 'SIGABRT',
      exceptionType: 'std::runtime_error',
      fault: fault({ summary: 'abort', abortKind: 'uncaught-exception' }),
      frames: NATIVE,
    }),
  }),
  'exit code': crashNotification({
    crashKind: 'exit',
    exceptionType: null,
    exitStatus: { type: 'code', code: 3 },
    title: 'Exit code 3',
    report: null,
    crashes: 3,
    crashesInWindow: 3,
    state: 'watching',
  }),
  returned: crashNotification({
    kind: 'returned',
    returned: { afterMs: 12 * 24 * HOUR, version: '2.4.0' },
  }),
  'escalated to more instances': crashNotification({
    kind: 'escalated',
    crashes: 412,
    instances: { count: 12, names: ['web-1', 'web-2', 'web-3', 'web-4', 'web-5'] },
    spread: { instancesBefore: 2, crashesBefore: 4, windowMs: 10 * MINUTE },
  }),
  'escalated to more crashes': crashNotification({
    kind: 'escalated',
    crashes: 180,
    spread: { instancesBefore: 1, crashesBefore: 4, windowMs: 10 * MINUTE },
  }),
  recovered: crashNotification({
    kind: 'recovered',
    crashes: 312,
    instances: { count: 12, names: ['web-1', 'web-2', 'web-3'] },
    openedAtMs: SAMPLE_TIME_MS - 3 * HOUR,
    lastCrashAtMs: SAMPLE_TIME_MS - HOUR,
    closedAtMs: SAMPLE_TIME_MS,
  }),
  'recovered, with a call stack that is new': crashNotification({
    kind: 'recovered',
    lastCrashAtMs: SAMPLE_TIME_MS - HOUR,
    openedAtMs: SAMPLE_TIME_MS - 3 * HOUR,
    closedAtMs: SAMPLE_TIME_MS,
    stackIsNew: true,
  }),
};

const item = (notification: CrashNotification, more: Partial<DigestItem> = {}): DigestItem => ({
  ...notification,
  instances: notification.instances.count,
  ...more,
});

export const DIGEST: DigestNotification = {
  kind: 'digest',
  app: 'shop',
  atMs: SAMPLE_TIME_MS,
  pageUrl: 'https://crashes.example.com/apps/shop',
  settingsUrl: 'https://crashes.example.com/apps/shop/settings',
  timeZone: 'Europe/Berlin',
  fromMs: SAMPLE_TIME_MS - 24 * HOUR,
  untilMs: SAMPLE_TIME_MS,
  items: [
    item(CRASH_NOTIFICATIONS['promise rejection'] as CrashNotification, {
      closedAtMs: SAMPLE_TIME_MS - HOUR,
      crashes: 380,
      kind: 'recovered',
    }),
    item(CRASH_NOTIFICATIONS['uncaught exception'] as CrashNotification, { kind: 'returned' }),
    item(CRASH_NOTIFICATIONS['null pointer'] as CrashNotification, { crashes: 17 }),
  ],
  all: { causes: 3, crashes: 401, open: 2 },
  hasOthers: false,
  perHour: null,
};

/** Beyond an hour's limit: the largest of many. */
export const FLOOD_DIGEST: DigestNotification = {
  ...DIGEST,
  fromMs: SAMPLE_TIME_MS - HOUR / 12,
  all: { causes: 3412, crashes: 100_021, open: 3412 },
  hasOthers: false,
  perHour: 20,
};

export const EMPTY_DIGEST: DigestNotification = {
  ...DIGEST,
  items: [],
  all: { causes: 0, crashes: 0, open: 0 },
  hasOthers: false,
};

export const TEST_NOTIFICATION: TestNotification = {
  kind: 'test',
  app: 'shop',
  atMs: SAMPLE_TIME_MS,
  pageUrl: 'https://crashes.example.com/',
  settingsUrl: 'https://crashes.example.com/apps/shop/settings',
  timeZone: null,
};
