// Many agents that reconnect at once after an outage. Arguments: address, ingest token, app, number of agents, crashes
// of each. A line starts them; each sends everything in one request, and retries after a refusal or a broken connection
// when the portal asks for it. The answer is
// `<served> <longest ms> <median ms> <responses that asked to retry> <broken connections>`.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import { logsRequest } from '../../src/uplink/logs-request.ts';
import { crashRecord, heartbeatRecord } from '../../test/support/portal/records.ts';

const [, , address = '', token = '', app = '', agents = '0', crashes = '0'] = process.argv;
const { hostname, port } = new URL(address);
const GIVE_UP_MS = 120_000;
const AGAIN_MS = 1_000;

function requestOf(agent) {
  const now = Date.now();
  const records = Array.from({ length: Number(crashes) }, (_, index) =>
    crashRecord(`agent${agent}-${index}-${process.pid}`, now - index * 60_000, { crashId: '0123456789ab' }),
  );
  const all = [...records, heartbeatRecord(`agent${agent}-h-${process.pid}`, now)];
  const source = { app, instance: `node-${agent}`, crashmonVersion: '0.1.0' };
  const body = gzipSync(
    JSON.stringify(
      logsRequest(
        source,
        all.map((record) => ({ version: '1.0.0', record })),
      ),
    ),
  );
  const head =
    `POST /v1/logs HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n` +
    `content-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** @returns status and the time until a retry in ms; status 0 for a connection that broke, or did not answer in time */
function post(request, limitMs) {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(request));
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    const timer = setTimeout(() => socket.destroy(), limitMs);
    socket.on('close', () => {
      clearTimeout(timer);
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
      const seconds = Number(/^retry-after: (\d+)/im.exec(text)?.[1] ?? 0);
      resolve({ status, againMs: seconds > 0 ? seconds * 1_000 : AGAIN_MS });
    });
  });
}

let asked = 0;
let broken = 0;

async function comeBack(request, startMs) {
  const leftMs = () => startMs + GIVE_UP_MS - performance.now();
  while (leftMs() > 0) {
    const { status, againMs } = await post(request, leftMs());
    if (status === 200) return performance.now() - startMs;
    if (status === 0) broken++;
    else if (status === 429 || status === 503) asked++;
    else throw new Error(`answered with ${status}`);
    // As agents do, each after its own delay.
    await new Promise((resolve) => setTimeout(resolve, againMs * (0.5 + Math.random())));
  }
  return null;
}

const requests = Array.from({ length: Number(agents) }, (_, agent) => requestOf(agent));
process.stdout.write('ready\n');
for await (const _ of createInterface(process.stdin)) {
  const startMs = performance.now();
  const waits = await Promise.all(requests.map((request) => comeBack(request, startMs)));
  const served = waits.filter((wait) => wait !== null).toSorted((a, b) => a - b);
  const median = served[served.length >> 1] ?? 0;
  process.stdout.write(
    `${served.length} ${(served.at(-1) ?? 0).toFixed(0)} ${median.toFixed(0)} ${asked} ${broken}\n`,
  );
}
