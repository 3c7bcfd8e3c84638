import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { crashRecord } from '../../support/portal/records.ts';
import { agentRequest, sendLogs } from '../../support/portal/send-logs.ts';
import {
  newToken,
  type PortalProcess,
  startPortalProcess,
  withStore,
} from '../../support/portal/start-portal.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const EMPTY = 1_000_000;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let portal: PortalProcess;
let token: string;
let other: string;
before(async () => {
  directory = await temporaryDirectory('floods');
  const place = { dataDir: directory.path };
  portal = await startPortalProcess(place);
  [token, other] = await withStore(place, async (store) => [
    await newToken(store, 'shop'),
    await newToken(store, 'blog'),
  ]);
});
after(async () => {
  await portal?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
});

const list = (item: string, count: number) => `[${`${item},`.repeat(count - 1)}${item}]`;
const logs = (record: string) => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`;
const bodies: [name: string, format: 'json' | 'protobuf', body: Buffer | string][] = [
  ['resources', 'json', `{"resourceLogs":${list('{}', EMPTY)}}`],
  ['scopes', 'json', `{"resourceLogs":[{"scopeLogs":${list('{}', EMPTY)}}]}`],
  ['records', 'json', logs(list('{}', EMPTY).slice(1, -1))],
  ['attributes', 'json', logs(`{"attributes":${list('{}', EMPTY)}}`)],
  [
    'values',
    'json',
    logs(`{"attributes":[{"key":"a","value":{"arrayValue":{"values":${list('{}', EMPTY)}}}}]}`),
  ],
  ['numbers', 'json', `{"x":${list('1', EMPTY)}}`],
  ['resources', 'protobuf', repeated([0x0a, 0], EMPTY)],
  ['scopes', 'protobuf', within([0x0a], repeated([0x12, 0], EMPTY))],
  ['records', 'protobuf', within([0x0a, 0x12], repeated([0x12, 0], EMPTY))],
  ['attributes', 'protobuf', within([0x0a, 0x12, 0x12], repeated([0x32, 0], EMPTY))],
  ['unknown fields', 'protobuf', repeated([0x78, 1], EMPTY)],
];

describe('a small body of millions of empty containers is refused', () => {
  for (const [name, format, body] of bodies) {
    test(`${name} in ${format}`, async () => {
      const gzip = gzipSync(body);
      const headers = { 'content-encoding': 'gzip' };
      const refused = sendLogs({ ...portal, token }, gzip, { format, headers });
      assert.equal((await fetch(`${portal.url}/healthz`)).status, 200);
      const { status, json } = await refused;
      assert.equal(status, 413);
      assert.match(json.message ?? '', /Send fewer records at once/);
    });
  }
});

test('a request as large as is allowed is stored whole, and once', async () => {
  const time = Date.now();
  const records = Array.from({ length: 3_000 }, (_, index) =>
    crashRecord(index.toString(16).padStart(24, '0'), time - index),
  );
  for (const format of ['json', 'protobuf'] as const) {
    const answer = await sendLogs({ ...portal, token }, agentRequest(records), { format, gzip: true });
    assert.deepEqual([answer.status, answer.json], [200, {}]);
  }
  await withStore({ dataDir: directory.path }, async (store) => {
    const [shop] = await store.apps(['shop'], Date.now());
    assert.equal(
      shop?.days.reduce((sum, crashes) => sum + crashes, 0),
      3_000,
    );
  });
});

describe('the agents of another app are served while one token', () => {
  const slow: [name: string, count: number, sent: string, dripping: boolean][] = [
    ['announces much and sends nothing', 150, '', false],
    ['sends byte after byte', 100, '', true],
    ['sends much and never ends', 40, ' '.repeat(3_900_000), false],
  ];
  for (const [name, count, sent, dripping] of slow) {
    test(name, async () => {
      await using crowd = await connectSlowly(count, sent);
      const drip = dripping ? setInterval(() => crowd.write(' '), 200) : undefined;
      try {
        for (let index = 0; index < 3; index++) {
          const record = crashRecord(randomBytes(12).toString('hex'), Date.now());
          const answer = await sendLogs({ ...portal, token: other }, agentRequest([record], { app: 'blog' }));
          assert.deepEqual([answer.status, answer.json], [200, {}]);
        }
      } finally {
        clearInterval(drip);
      }
    });
  }

  test('or no token at all', async () => {
    await using crowd = await connectSlowly(150, '', `cmt_${'x'.repeat(43)}`);
    assert.match(await crowd.firstAnswer, /^HTTP\/1\.1 4(?:01|29) /);
    const record = crashRecord(randomBytes(12).toString('hex'), Date.now());
    const answer = await sendLogs({ ...portal, token: other }, agentRequest([record], { app: 'blog' }));
    assert.equal(answer.status, 200);
  });
});

/** Connections that announce a body of 4 MB and send only the beginning of it, all of them accepted. */
async function connectSlowly(count: number, sent: string, bearer = token) {
  const { hostname, port } = new URL(portal.url);
  const head = [
    'POST /v1/logs HTTP/1.1',
    'host: portal',
    `authorization: Bearer ${bearer}`,
    'content-type: application/json',
    'content-length: 4000000',
  ];
  const sockets = Array.from({ length: count }, () => net.connect(Number(port), hostname));
  const answers = sockets.map(async (socket) => {
    socket.on('error', () => {});
    const [answer] = await once(socket, 'data');
    return String(answer);
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  for (const socket of sockets) socket.write(`${head.join('\r\n')}\r\n\r\n${sent}`);
  return {
    firstAnswer: Promise.race(answers),
    write(text: string) {
      for (const socket of sockets) socket.write(text);
    },
    async [Symbol.asyncDispose]() {
      for (const answer of answers) answer.catch(() => {});
      for (const socket of sockets) socket.destroy();
    },
  };
}

function repeated(bytes: number[], count: number): Buffer {
  return Buffer.alloc(count * bytes.length, Buffer.from(bytes));
}

/** Messages around it, the outermost first. */
function within(tags: number[], body: Buffer): Buffer {
  return tags.reduceRight(
    (inner, tag) => Buffer.concat([Buffer.from([tag, ...varint(inner.length)]), inner]),
    body,
  );
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
}
