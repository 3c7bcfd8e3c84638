import { type CrashFacts, factsOfExit } from '../../../src/model/crash-facts.ts';
import type { ExitStatus } from '../../../src/model/exit.ts';
import type { PublicDump, PublicSession } from '../../../src/model/public-session.ts';
import type { SentRecord } from '../../../src/model/telemetry.ts';
import type { PortalStore } from '../../../src/portal/store/portal-store.ts';
import { parseRedactedReport } from '../../../src/privacy/parse-redacted-report.ts';
import { timeDigits } from '../../../src/privacy/publish-crash.ts';
import { publishWorkload } from '../../../src/privacy/publish-workload.ts';
import { signatureOf } from '../../../src/signature/signature.ts';
import {
  backRecord,
  captureRecord,
  crashRecord,
  heartbeatRecord,
  redactedReport,
  sent,
  stateRecord,
} from './records.ts';
import { SEED_CAUSES, type SeedCause } from './seed-reports.ts';

const HOUR = 3_600_000;
const CRASHES = 140;
const CAPTURES_EVERY = 3;
const POD = {
  'crashmon.source': 'kubernetes',
  'container.id': '3f'.repeat(32),
  'container.image.name': 'team/shop:2.4.1',
  'k8s.namespace.name': 'web',
  'k8s.deployment.name': 'shop',
  'k8s.pod.name': 'shop-7d4b9c6f5d-x2x4z',
  'k8s.container.name': 'app',
  'k8s.node.name': 'node-2',
};

/**
 * Fifteen days of a shop on instances in every state, a resizer that crashes now and then without a stack, a calm blog.
 * The newest captured crash is `shop000000`, a TypeError; `shop000001` was counted only.
 */
export async function seedFleet(store: Pick<PortalStore, 'write'>, nowMs: number): Promise<void> {
  const random = numbers();
  const records: SentRecord[] = [];
  for (let at = 0; at < CRASHES; at++) {
    const hoursAgo = at < 2 ? 1 + at : 15 * 24 * (1 - Math.sqrt(random()));
    const cause = at === 0 ? SEED_CAUSES[0] : causeOf(random() * 100);
    const instance = `web-${1 + Math.floor(random() * 5)}`;
    if (cause !== undefined)
      records.push(...shopCrash(at, Math.round(nowMs - 120_000 - hoursAgo * HOUR), instance, cause, nowMs));
  }
  for (let at = 0; at < 9; at++) records.push(resizerCrash(at, nowMs - (at + 1) * 31 * HOUR));
  records.push(...heartbeats(nowMs));
  for (let from = 0; from < records.length; from += 50) await store.write(records.slice(from, from + 50));
}

function shopCrash(
  at: number,
  atMs: number,
  instance: string,
  cause: SeedCause,
  nowMs: number,
): SentRecord[] {
  const source = { instance, version: nowMs - atMs > 30 * HOUR ? '2.4.0' : '2.4.1' };
  const uid = `shop${String(at).padStart(6, '0')}`;
  const { kind, often: _, ...found } = cause;
  const status: ExitStatus =
    kind === 'fault' ? { type: 'signal', signal: 'SIGSEGV' } : { type: 'code', code: 1 };
  const report = parseRedactedReport({
    ...redactedReport(uid),
    ...found,
    ...{ instance, kind, hold: { ms: 11 }, runtime: { name: 'node', version: '24.7.0' }, source: 'capture' },
  });
  const isCaptured = at % CAPTURES_EVERY === 0;
  const crash = crashRecord(uid, atMs, {
    ...{ kind, status, armed: isCaptured, captured: isCaptured, uptimeMs: 4 * HOUR },
    ...{ crashesInWindow: isCaptured ? 5 : 1 + (at % 4), ...signed(factsOfExit(kind, status)) },
  });
  const back = backRecord(uid, atMs + 1200, 1200);
  if (!isCaptured) return [crash, back].map((record) => sent(record, source));
  const capture = captureRecord(uid, atMs + 900, { report, ...signed({ ...report, status }) });
  return [crash, capture, back].map((record) => sent(record, source));
}

function resizerCrash(at: number, atMs: number): SentRecord {
  const status: ExitStatus = { type: 'signal', signal: 'SIGSEGV' };
  const crash = crashRecord(`resizer-${at}`, atMs, {
    ...{ kind: 'fault', status, reason: { code: 'invalid-memory-access' }, crashesInWindow: 1 },
    ...signed(factsOfExit('fault', status)),
  });
  return sent(crash, { app: 'image-resizer', instance: 'img-1', version: '0.9.2' });
}

function signed(facts: CrashFacts): { signatures: string[]; title: string } {
  const { values, title } = signatureOf(facts);
  return { signatures: values, title };
}

function heartbeats(nowMs: number): SentRecord[] {
  const web2 = { instance: 'web-2', version: '2.4.1' };
  const workload = publishWorkload(new Map(Object.entries(POD)));
  const beat = (
    app: string,
    instance: string,
    agoMs: number,
    changes: Parameters<typeof heartbeatRecord>[2] = {},
  ) =>
    sent(
      heartbeatRecord(`beat-${app}-${instance}`, nowMs - agoMs, {
        workerStartedAtMs: nowMs - agoMs - 5 * HOUR,
        ...changes,
      }),
      {
        ...{ app, instance, version: app === 'image-resizer' ? '0.9.2' : '2.4.1' },
        ...(instance === 'web-2' ? { workload } : {}),
      },
    );
  const cooldownUntilMs = nowMs + 5 * HOUR;
  return [
    sent(stateRecord('armed', nowMs - 3 * HOUR), web2),
    sent(stateRecord('cooling', nowMs - 28 * HOUR, { state: 'cooling-down' }), web2),
    sent({ type: 'loss', uid: 'loss-1', atMs: nowMs - 8 * HOUR, count: 12 }, web2),
    beat('shop', 'web-1', 0, { crashesInWindow: 3 }),
    // It deletes its oldest dump in between.
    beat('shop', 'web-2', 6_000, { dumps: seedDumps(nowMs) }),
    beat('shop', 'web-2', 5_000, {
      ...{ state: 'armed', crashesInWindow: 4, dumps: seedDumps(nowMs).slice(0, -1) },
      session: seedSession(nowMs),
    }),
    beat('shop', 'web-3', 10_000, { state: 'cooling-down', cooldownUntilMs, crashesInWindow: 6 }),
    beat('shop', 'web-4', 15_000),
    beat('shop', 'web-5', 9 * HOUR),
    beat('image-resizer', 'img-1', 1_000),
    beat('blog', 'blog-1', 1_000),
  ];
}

function seedSession(nowMs: number): PublicSession {
  return {
    ...{ id: '0123456789ab', startedAtMs: nowMs - 3 * HOUR, endsAtMs: nowMs + 21 * HOUR },
    ...{ state: 'running', maxDumps: 5, kept: 3, account: null },
  };
}

/** Newest first. */
function seedDumps(nowMs: number): PublicDump[] {
  return ['SIGSEGV', 'SIGSEGV', 'SIGABRT', 'SIGSEGV'].map((signal, at) => {
    const keptAtMs = nowMs - (at + 1) * 40 * 60_000;
    return {
      kind: at === 3 ? 'heap-snapshot' : 'core',
      crashUid: `${timeDigits(keptAtMs)}${at}f2a91c4b7d0`,
      ...{ sizeBytes: 84_000 + at * 9_000, full: at === 1, encrypted: at > 0 },
      ...{ status: { type: 'signal', signal }, keptAtMs, expiresAtMs: keptAtMs + 7 * 24 * HOUR },
    };
  });
}

/** `roll`: from 0 to below 100. */
function causeOf(roll: number): SeedCause | undefined {
  let below = 0;
  return SEED_CAUSES.find(({ often }) => {
    below += often;
    return roll < below;
  });
}

/** The same numbers in every run. */
function numbers(): () => number {
  let seed = 7;
  return () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}
