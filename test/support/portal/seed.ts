import type { Frame } from '../../../src/model/frame.ts';
import type { SentRecord } from '../../../src/model/telemetry.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { parseRedactedReport } from '../../../src/privacy/parse-redacted-report.ts';
import {
  backRecord,
  captureRecord,
  crashRecord,
  heartbeatRecord,
  redactedReport,
  sent,
  stateRecord,
} from './records.ts';

const HOUR = 3_600_000;

const call = (name: string, file: string, line: number, changes: Partial<Frame> = {}): Frame => ({
  function: name,
  file,
  line,
  column: 14,
  module: null,
  inApp: true,
  repeat: 1,
  trust: 'call-site',
  ...changes,
});
const library = (name: string, line: number): Frame =>
  call(name, 'node_modules/express/lib/router/index.js', line, { module: 'express', inApp: false });

/** What can happen to the shop; the number is how often in a hundred crashes. */
const CAUSES = [
  {
    often: 46,
    title: 'TypeError in Cart.total',
    signature: 'v1:type-cart-total',
    kind: 'exception',
    type: 'TypeError',
  },
  {
    often: 22,
    title: 'stack overflow in renderTree',
    signature: 'v1:overflow-tree',
    kind: 'stack-overflow',
    type: 'RangeError',
  },
  {
    often: 16,
    title: 'ECONNREFUSED in connectRedis',
    signature: 'v1:refused-redis',
    kind: 'rejection',
    type: 'Error',
  },
  { often: 10, title: 'SIGSEGV in vips_image_write', signature: 'v1:segv-vips', kind: 'fault', type: null },
  {
    often: 6,
    title: 'heap full in loadReport',
    signature: 'v1:heap-report',
    kind: 'out-of-memory',
    type: null,
  },
] as const;

const FRAMES: Frame[] = [
  call('Cart.total', 'src/cart/cart.ts', 48),
  call('CheckoutService.priceOf', 'src/checkout/checkout-service.ts', 112),
  library('next', 149),
  library('Layer.handle', 95),
  call('process.processTicksAndRejections', 'node:internal/process/task_queues', 105, {
    module: 'node',
    inApp: false,
  }),
  call('renderTree', 'src/render/tree.ts', 9, { repeat: 10_431 }),
  call('checkout', 'src/routes/checkout.ts', 27, { trust: 'vouched-text' }),
];

const reportOf = (id: string, instance: string, kind: string, exceptionType: string | null) =>
  parseRedactedReport({
    ...redactedReport(id),
    ...{ instance, kind, exceptionType, frames: FRAMES, hold: { ms: 11 }, nodeVersion: 'v24.7.0' },
    causes: [{ exceptionType: 'Error', code: 'ECONNREFUSED', frames: [library('connect', 3)], members: [] }],
    otherThreads: [{ count: 4, frames: [library('poll', 7)] }],
    problems: ['The thrown value carried no stack.'],
  });

/** Fifteen days of a shop on five instances, of which one is silent; a resizer that crashes now and then, a calm blog. */
export async function seedFleet(store: Pick<PortalStore, 'write'>, nowMs: number): Promise<void> {
  const random = numbers();
  const records: SentRecord[] = [];
  for (let at = 0; at < 140; at++) {
    const hoursAgo = 15 * 24 * (1 - Math.sqrt(random()));
    const atMs = Math.round(nowMs - 120_000 - hoursAgo * HOUR);
    records.push(...shopCrash(at, atMs, random, nowMs));
  }
  for (let at = 0; at < 9; at++) {
    const uid = `resizer-${at}`;
    const source = { app: 'image-resizer', instance: 'img-1', version: '0.9.2' };
    records.push(
      sent(
        crashRecord(uid, nowMs - (at + 1) * 31 * HOUR, {
          signatures: ['v1:segv'],
          title: 'SIGSEGV in decode',
          kind: 'fault',
          status: { type: 'signal', signal: 'SIGSEGV' },
        }),
        source,
      ),
    );
  }
  const beat = (app: string, instance: string, agoMs: number) =>
    sent(heartbeatRecord(`beat-${app}-${instance}`, nowMs - agoMs), { app, instance, version: '2.4.1' });
  for (const [at, instance] of ['web-1', 'web-2', 'web-3', 'web-4'].entries())
    records.push(beat('shop', instance, at * 5_000));
  records.push(
    beat('shop', 'web-5', 9 * HOUR),
    beat('image-resizer', 'img-1', 1_000),
    beat('blog', 'blog-1', 1_000),
  );
  const source = { instance: 'web-2', version: '2.4.1' };
  records.push(sent(stateRecord('armed', nowMs - 3 * HOUR), source));
  records.push(sent({ type: 'loss', uid: 'loss-1', atMs: nowMs - 8 * HOUR, count: 12 }, source));
  for (let from = 0; from < records.length; from += 50) await store.write(records.slice(from, from + 50));
}

function shopCrash(at: number, atMs: number, random: () => number, nowMs: number): SentRecord[] {
  const source = {
    instance: `web-${1 + Math.floor(random() * 5)}`,
    version: nowMs - atMs > 30 * HOUR ? '2.4.0' : '2.4.1',
  };
  const cause = causeOf(random() * 100);
  const uid = `shop${String(at).padStart(6, '0')}`;
  const isCaptured = at % 9 === 0;
  const { kind, title, signature, type } = cause;
  const status =
    kind === 'fault'
      ? ({ type: 'signal', signal: 'SIGSEGV' } as const)
      : ({ type: 'code', code: 1 } as const);
  const crash = crashRecord(uid, atMs, {
    ...{ kind, title, status, armed: isCaptured, captured: isCaptured, uptimeMs: 4 * HOUR },
    ...{ crashesInWindow: 1 + (at % 4), signatures: [signature] },
  });
  const capture = captureRecord(uid, atMs + 900, {
    report: reportOf(uid, source.instance, kind, type),
    signatures: [signature],
    title,
  });
  const records = isCaptured
    ? [crash, capture, backRecord(uid, atMs + 1200, 1200)]
    : [crash, backRecord(uid, atMs + 1200, 1200)];
  return records.map((record) => sent(record, source));
}

/** `roll`: from 0 to below 100. */
function causeOf(roll: number): (typeof CAUSES)[number] {
  let below = 0;
  for (const cause of CAUSES) {
    below += cause.often;
    if (roll < below) return cause;
  }
  return CAUSES[0];
}

/** The same numbers in every run. */
function numbers(): () => number {
  let seed = 7;
  return () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}
