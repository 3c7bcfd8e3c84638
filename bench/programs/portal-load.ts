// Sends to a portal what a fleet of agents would, as JSON, and says in one line what came of it:
//   portal-load.ts steady    '{"url":…,"token":…,"seconds":20,"connections":16,"batch":100,"recordKb":1}'
//   portal-load.ts reconnect '{"url":…,"token":…,"agents":10000,"batch":5}'
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { encodeRecord } from '../../src/formats/otlp/encode-record.ts';
import type { OtlpLogRecord } from '../../src/formats/otlp/otlp-json.ts';
import { toAttributes } from '../../src/formats/otlp/otlp-json.ts';
import type { Frame } from '../../src/model/frame.ts';
import type { TelemetryRecord } from '../../src/model/telemetry.ts';

type Target = { url: string; token: string };
type Steady = Target & {
  seconds: number;
  connections: number;
  batch: number;
  /** 1: crashes alone; more: each followed by a report of about that size. */
  recordKb: number;
  app?: string;
};
type Reconnect = Target & { agents: number; batch: number; app?: string };
type Answer = { status: number; retryAfterS: number | null };

const SETTINGS = { armAfter: 3, windowMs: 86_400_000, cooldownMs: 28_800_000 };
const DEADLINE_MS = 60_000;

let made = 0;
const own = `${process.pid.toString(16).padStart(6, '0')}${Date.now().toString(16).slice(-6)}`;

const [mode, options = '{}'] = process.argv.slice(2);
const result = mode === 'steady' ? await steady(JSON.parse(options)) : await reconnect(JSON.parse(options));
process.stdout.write(`${JSON.stringify(result)}\n`);

async function steady(load: Steady): Promise<object> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: load.connections });
  const endMs = Date.now() + load.seconds * 1000;
  const latencies: number[] = [];
  let records = 0;
  let refused = 0;
  const send = async (connection: number) => {
    while (Date.now() < endMs) {
      const body = requestBody(load.app ?? 'shop', `web-${connection}`, load.batch, load.recordKb);
      const startedMs = performance.now();
      const { status, retryAfterS } = await post(load, body, agent);
      if (status === 200) {
        latencies.push(performance.now() - startedMs);
        records += load.batch;
      } else {
        refused++;
        await delay((retryAfterS ?? 0.1) * 1000);
      }
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: load.connections }, (_, connection) => send(connection)));
  const seconds = (performance.now() - startedMs) / 1000;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  return {
    records,
    perSecond: records / seconds,
    refused,
    p50Ms: at(latencies, 0.5),
    p99Ms: at(latencies, 0.99),
  };
}

/** All at once, each on a connection of its own; who is refused comes again when it was told to. */
async function reconnect(load: Reconnect): Promise<object> {
  const startedMs = performance.now();
  const tries: number[] = [];
  const latencies: number[] = [];
  const refusals: Record<string, number> = {};
  const reconnectOne = async (number: number) => {
    const body = requestBody(load.app ?? 'shop', `web-${number}`, load.batch, 1);
    for (let count = 1; ; count++) {
      const answer = await post(load, body, false).catch((error: NodeJS.ErrnoException) => ({
        status: error.code ?? error.message,
        retryAfterS: null,
      }));
      if (answer.status === 200) {
        tries.push(count);
        latencies.push(performance.now() - startedMs);
        return;
      }
      refusals[answer.status] = (refusals[answer.status] ?? 0) + 1;
      // As an agent does: at least a second, longer each time, with chance.
      const backOffMs = Math.min(30_000, 1000 * 2 ** count) * (0.5 + Math.random() / 2);
      await delay(Math.max(backOffMs, (answer.retryAfterS ?? 0) * 1000));
    }
  };
  await Promise.all(Array.from({ length: load.agents }, (_, number) => reconnectOne(number)));
  latencies.sort((a, b) => a - b);
  return {
    agents: load.agents,
    records: load.agents * load.batch,
    seconds: (performance.now() - startedMs) / 1000,
    ...{ p50Ms: at(latencies, 0.5), p99Ms: at(latencies, 0.99), maxMs: latencies.at(-1) },
    ...{ mostTries: Math.max(...tries), refusals },
  };
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? 0;
}

function post({ url, token }: Target, body: string, agent: http.Agent | false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}/v1/logs`, {
      method: 'POST',
      agent,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      },
    });
    request.setTimeout(DEADLINE_MS, () => request.destroy(new Error('timeout')));
    request.once('response', (response) => {
      const retryAfter = response.headers['retry-after'];
      response.resume();
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfterS: retryAfter === undefined ? null : Number(retryAfter),
        }),
      );
    });
    request.once('error', reject);
    request.end(body);
  });
}

function requestBody(app: string, instance: string, count: number, recordKb: number): string {
  const attributes = toAttributes({
    'service.name': app,
    'service.version': '1.0.0',
    'service.instance.id': instance,
  });
  const logRecords: OtlpLogRecord[] = [];
  while (logRecords.length < count) {
    const uid = `${(made++).toString(16).padStart(12, '0')}${own}`;
    logRecords.push(encodeRecord(crash(uid)));
    if (recordKb > 1) logRecords.push(encodeRecord(capture(uid, recordKb)));
  }
  const scope = { name: 'crashmon', version: '0.1.0' };
  return JSON.stringify({
    resourceLogs: [{ resource: { attributes }, scopeLogs: [{ scope, logRecords }] }],
  });
}

function crash(uid: string): TelemetryRecord {
  return {
    ...{
      type: 'crash',
      uid,
      atMs: Date.now(),
      crashId: uid.slice(0, 12),
      kind: 'exception',
      suspected: false,
    },
    ...{ status: { type: 'code', code: 1 }, reason: 'exit 1: unhandled exception', armed: false },
    ...{ captured: false, uptimeMs: 5_000, crashesInWindow: 1, settings: SETTINGS, state: 'watching' },
    ...{
      backAfterMs: 12,
      signatures: [`v1:${(made % 50).toString(16).padStart(16, '0')}`],
      title: 'TypeError',
    },
  };
}

/** Of fifty kinds; the frames of each differ, as those of real reports do. */
function capture(uid: string, recordKb: number): TelemetryRecord {
  const kind = made % 50;
  const frame = (line: number): Frame => ({
    ...{
      function: `Shop.call${kind}_${line % 97}`,
      file: `src/basket/module-${line % 31}.ts`,
      line,
      column: 3,
    },
    ...{ module: null, inApp: true, repeat: 1, trust: 'call-site' },
  });
  const frames = (from: number, count: number) => Array.from({ length: count }, (_, i) => frame(from + i));
  // A frame is some 150 bytes.
  const threads = Math.min(32, Math.max(0, Math.round((recordKb * 1024 - 15_000) / (150 * 32))));
  const report = {
    ...{ schemaVersion: 1, id: uid.slice(0, 12), app: 'shop', instance: 'web-1', kind: 'exception' },
    ...{ diedAt: new Date().toISOString(), exceptionType: 'TypeError', code: null, signal: null },
    ...{ frames: frames(0, 90), causes: [], members: [], heap: null, fault: null },
    otherThreads: Array.from({ length: threads }, (_, index) => ({ count: 1, frames: frames(index, 32) })),
    ...{ nodeVersion: 'v24.1.0', problems: [], hold: { ms: 4 } },
  };
  return {
    ...{ type: 'capture', uid: `${uid}-c`, atMs: Date.now(), crashUid: uid, report: report as never },
    ...{ signatures: [`v1:${kind.toString(16).padStart(16, '1')}`], title: `TypeError in call${kind}` },
  };
}
