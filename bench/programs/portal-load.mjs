// The load of a fleet on a portal. Arguments: address, ingest token, app. A line asks for
// `<crash|capture> <ms> <connections> <crashes a request> <crashes a second, 0: all it takes>`; a `capture` is a
// crash and its report, 50 kB. The answer is
// `<crashes taken> <ms> <requests refused> <median ms> <95th percentile ms>`. Each request waits for its answer.
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import { logsRequest } from '../../src/uplink/logs-request.ts';
import { captureRecord, crashRecord } from '../../test/support/portal/records.ts';

const [, , address = '', token = '', app = ''] = process.argv;
const { hostname, port } = new URL(address);
const TEMPLATES = 50;
const SIGNATURES = 200;
const INSTANCES = 500;
/** Lengths of the parts that differ in each record. */
const UID = '_'.repeat(24);
const TIME = '1'.repeat(19);
/** The fastest gzip level, so that the sender uses little of the machine. */
const LEVEL = 1;

let sent = 0;
const prefix = process.pid.toString(16).padStart(6, '0').slice(-6);

/** Body with gaps for uids and times. */
function template(kind, records, seed) {
  const items = Array.from({ length: records }, (_, index) => index).flatMap((index) => {
    const roll = (((seed * 7919 + index) * 2654435761) % 4294967296) / 4294967296;
    const group = Math.floor(roll ** 3 * SIGNATURES);
    const names = { signatures: [`v1:group${group}`], title: `TypeError in function group${group}` };
    const crash = crashRecord(UID, 0, { ...names, crashId: '0123456789ab', backAfterMs: 120 });
    const capture = captureRecord(UID, 0, { ...names, report: bigReport() });
    const about = kind === 'capture' ? [crash, { ...capture, uid: `${UID}-c` }] : [crash];
    return about.map((record) => ({ version: '2.19.0', record }));
  });
  const source = { app, instance: `web-${(seed * 37) % INSTANCES}`, crashmonVersion: '0.1.0' };
  const body = logsRequest(source, items);
  for (const { scopeLogs } of body.resourceLogs) {
    for (const record of scopeLogs[0].logRecords) {
      record.timeUnixNano = TIME;
      record.observedTimeUnixNano = TIME;
    }
  }
  const buffer = Buffer.from(JSON.stringify(body));
  return { buffer, uids: placesOf(buffer, UID), times: placesOf(buffer, TIME), records };
}

/** A capture of 50 kB as it is sent: a deep stack of machine code and JavaScript. */
function bigReport() {
  const frame = (index) => ({
    function: `Service${index}.handle${UID}`,
    file: `src/services/customers/service-${index}.ts`,
    ...{ line: 100 + index, column: 14, module: null, inApp: true, repeat: 1, trust: 'call-site' },
  });
  const frames = Array.from({ length: 64 }, (_, index) => frame(index));
  const otherThreads = Array.from({ length: 8 }, (_, thread) => ({
    count: 1,
    frames: Array.from({ length: 16 }, (_, index) => frame(100 + 16 * thread + index)),
  }));
  const report = captureRecord(UID, 0).report;
  // A different function in each, so that no two stacks are equal.
  return { ...report, diedAt: new Date().toISOString(), hold: { ms: 2 }, frames, otherThreads };
}

function placesOf(buffer, text) {
  const places = [];
  for (let at = buffer.indexOf(text); at >= 0; at = buffer.indexOf(text, at + text.length)) places.push(at);
  return places;
}

function fill({ buffer, uids, times, records }) {
  const time = `${Date.now()}000000`;
  for (const place of times) buffer.write(time, place, 'latin1');
  // A record names its uid several times, all of them in a row.
  const each = uids.length / records;
  uids.forEach((place, index) => {
    const number = (sent + Math.floor(index / each)).toString(16).padStart(18, '0');
    buffer.write(prefix + number, place, 'latin1');
  });
  sent += records;
  return gzipSync(buffer, { level: LEVEL });
}

async function send(kind, ms, connections, records, perSecond) {
  const templates = Array.from({ length: TEMPLATES }, (_, seed) => template(kind, records, seed));
  const latencies = [];
  let taken = 0;
  let refused = 0;
  let begun = 0;
  const startMs = performance.now();
  const due = () => (perSecond === 0 ? 0 : startMs + (begun * records * 1000) / perSecond);
  const drive = async () => {
    const socket = connect(Number(port), hostname).setNoDelay(true);
    const answers = answersOf(socket);
    while (performance.now() < startMs + ms) {
      const waitMs = due() - performance.now();
      begun++;
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const packed = fill(templates[begun % TEMPLATES]);
      const from = performance.now();
      socket.cork();
      socket.write(
        `POST /v1/logs HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${token}\r\n` +
          `content-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`,
      );
      socket.write(packed);
      socket.uncork();
      const { value: status } = await answers.next();
      if (status === undefined) throw new Error('the portal closed a connection');
      if (status === 200) {
        taken += records;
        latencies.push(performance.now() - from);
      } else refused++;
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, drive));
  const tookMs = performance.now() - startMs;
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (part) => (sorted[Math.floor(part * sorted.length)] ?? 0).toFixed(1);
  return `${taken} ${tookMs.toFixed(0)} ${refused} ${at(0.5)} ${at(0.95)}`;
}

/** Statuses of the responses; bodies are skipped by length. */
async function* answersOf(socket) {
  let text = '';
  for await (const chunk of socket) {
    text += chunk.toString('latin1');
    const head = text.indexOf('\r\n\r\n');
    if (head < 0) continue;
    const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
    if (text.length < head + 4 + length) continue;
    const status = Number(text.slice(9, 12));
    if (status !== 200) process.stderr.write(`${text.slice(head + 4)}\n`);
    else if (text.includes('partialSuccess')) process.stderr.write(`${text.slice(head + 4)}\n`);
    text = text.slice(head + 4 + length);
    yield status;
  }
}

process.stdout.write('ready\n');
for await (const line of createInterface(process.stdin)) {
  const [kind, ...numbers] = line.split(' ');
  process.stdout.write(`${await send(kind, ...numbers.map(Number))}\n`);
}
