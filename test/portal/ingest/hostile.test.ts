import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { deepProtobuf } from '../../support/portal/deep-protobuf.ts';
import { captureRecord, crashRecord, redactedReport } from '../../support/portal/records.ts';
import { agentRequest, encoded, type LogsToSend, sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

const DAY_MS = 86_400_000;
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024));
const crash = (uid = 'a'.repeat(24), changes = {}) => crashRecord(uid, Date.now(), changes);

let portal: TestPortal;
before(async () => {
  portal = await startTestPortal();
});
after(() => portal[Symbol.asyncDispose]());

/** What is refused as a whole: status, `google.rpc.Status` code, and words of the answer. */
const refused: [
  name: string,
  send: () => Parameters<typeof sendLogs>,
  status: number,
  code: number,
  words: RegExp,
][] = [
  ['no token', () => to(one(), { token: null }), 401, 16, /Send the app’s ingest token/],
  ['something else than a token', () => to(one(), { token: 'x' }), 401, 16, /Send the app’s ingest token/],
  ['an unknown token', () => to(one(), { token: `cmt_${'x'.repeat(43)}` }), 401, 16, /unknown/],
  [
    'an unknown content type',
    () => to(one(), { headers: { 'content-type': 'text/plain' } }),
    415,
    12,
    /Content-Type/,
  ],
  [
    'another character set',
    () => to(one(), { headers: { 'content-type': 'application/json; charset=utf-16' } }),
    415,
    12,
    /Content-Type/,
  ],
  [
    'an unknown encoding',
    () => to(one(), { headers: { 'content-encoding': 'br' } }),
    415,
    12,
    /gzip or identity/,
  ],
  ['no JSON', () => to('{"resourceLogs":[{'), 400, 3, /not JSON/],
  ['no object', () => to('[]'), 400, 3, /not an object/],
  ['lists that are none', () => to('{"resourceLogs":{"a":1}}'), 400, 3, /resourceLogs is not a list/],
  [
    'records that are none',
    () => to({ resourceLogs: [{ scopeLogs: [{ logRecords: [1] }] }] }),
    400,
    3,
    /other than objects/,
  ],
  [
    'JSON that is not UTF-8',
    () => to(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])),
    400,
    3,
    /not UTF-8/,
  ],
  [
    'deep JSON',
    () => to(`{"resourceLogs":${'['.repeat(100_000)}${']'.repeat(100_000)}}`),
    400,
    3,
    /nested too deeply/,
  ],
  ['deep JSON without an end', () => to('[{"a":'.repeat(200_000)), 400, 3, /nested too deeply/],
  ['a body that is too large', () => to(Buffer.alloc(5 * 1024 * 1024, 0x20)), 413, 8, /too large/],
  ['a gzip bomb', () => to(BOMB, { headers: { 'content-encoding': 'gzip' } }), 413, 8, /too large/],
  [
    'gzip that is none',
    () => to('{}', { headers: { 'content-encoding': 'gzip' } }),
    400,
    3,
    /not valid gzip/,
  ],
  [
    'gzip that was cut off',
    () => to(gzipSync('{}').subarray(0, 15), { headers: { 'content-encoding': 'gzip' } }),
    400,
    3,
    /not valid gzip/,
  ],
  ['too many records', () => to(many(10_001)), 413, 8, /More than 10000 records/],
  [
    'protobuf that is none',
    () => to(Buffer.from('not protobuf at all'), { format: 'protobuf' }),
    400,
    3,
    /not an ExportLogsServiceRequest/,
  ],
  [
    'protobuf that was cut off',
    () => to(encoded(one(), 'protobuf').subarray(0, -3), { format: 'protobuf' }),
    400,
    3,
    /not an ExportLogsServiceRequest/,
  ],
  ['protobuf texts that are not UTF-8', () => to(notUtf8(), { format: 'protobuf' }), 400, 3, /not UTF-8/],
  ['deep protobuf', () => to(deepProtobuf(50_000), { format: 'protobuf' }), 400, 3, /nested too deeply/],
];

describe('what is refused, is refused with one clear answer, and nothing of it is stored', () => {
  for (const [name, send, status, code, words] of refused) {
    test(name, async () => {
      const [, body, how] = send();
      const answer = await sendLogs(portal, body, how);
      assert.equal(answer.status, status, answer.body.toString());
      assert.equal(answer.json.code, code);
      assert.match(answer.json.message ?? '', words);
      const expected = how?.format === 'protobuf' ? 'application/x-protobuf' : 'application/json';
      assert.equal(answer.contentType.split(';')[0], expected);
      assert.deepEqual(await stored(), []);
    });
  }

  test('the token of another app', async () => {
    for (const format of ['json', 'protobuf'] as const) {
      const answer = await sendLogs(portal, one(), { token: await portal.newToken('other'), format });
      assert.equal(answer.status, 403);
      assert.equal(answer.json.code, 7);
      assert.match(answer.json.message ?? '', /token belongs to the app other.*Nothing was stored/);
    }
    assert.deepEqual(await stored(), []);
    assert.deepEqual(await stored('other'), []);
  });

  test('another method', async () => {
    const response = await fetch(`${portal.url}/v1/logs`);
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'POST');
  });
});

describe('records that are refused, each for itself', () => {
  /** Changes of an attribute, or of the record's own fields, and what the answer says. */
  const bad: [name: string, change: (record: Record<string, unknown>) => void, words: RegExp][] = [
    [
      'no time',
      (record) => Object.assign(record, { timeUnixNano: '0', observedTimeUnixNano: '0' }),
      /timeUnixNano is missing/,
    ],
    [
      'a time that is none',
      (record) => Object.assign(record, { timeUnixNano: '-1' }),
      /timeUnixNano is not a time/,
    ],
    [
      'an absurd time',
      (record) => Object.assign(record, { timeUnixNano: '9'.repeat(25) }),
      /timeUnixNano is not a time/,
    ],
    [
      'a time in the year 2554',
      (record) => Object.assign(record, { timeUnixNano: '18446744073709000000' }),
      /a day ahead/,
    ],
    [
      'a time of long ago',
      (record) => Object.assign(record, { timeUnixNano: '1000000000' }),
      /Older than the retention/,
    ],
    [
      'a number beyond all',
      (record) => attribute(record, 'crashmon.uptime_ms', { intValue: '9223372036854775807' }),
      /uptime_ms/,
    ],
    ['a negative number', (record) => attribute(record, 'crashmon.uptime_ms', { intValue: -1 }), /uptime_ms/],
    ['no number', (record) => attribute(record, 'crashmon.uptime_ms', { doubleValue: 'NaN' }), /uptime_ms/],
    [
      'an exit code beyond all',
      (record) => attribute(record, 'process.exit.code', { intValue: 256 }),
      /process.exit.code/,
    ],
    [
      'an unknown kind',
      (record) => attribute(record, 'crashmon.kind', { stringValue: '<script>' }),
      /crashmon.kind has an unknown value/,
    ],
    [
      'a uid that is none',
      (record) => attribute(record, 'log.record.uid', { stringValue: '../../etc' }),
      /log.record.uid does not look/,
    ],
    [
      'control characters',
      (record) => attribute(record, 'crashmon.title', { stringValue: 'a\u0000b' }),
      /crashmon.title contains control/,
    ],
    [
      'half of a character',
      (record) => attribute(record, 'crashmon.title', { stringValue: '\ud800' }),
      /crashmon.title contains control/,
    ],
    [
      'a text that is too long',
      (record) => attribute(record, 'crashmon.title', { stringValue: 'x'.repeat(501) }),
      /crashmon.title is too long/,
    ],
    [
      'another type',
      (record) => attribute(record, 'crashmon.title', { boolValue: true }),
      /crashmon.title is not a string/,
    ],
    [
      'too many attributes',
      (record) =>
        Object.assign(record, {
          attributes: Array.from({ length: 129 }, (_, i) => ({ key: `a${i}`, value: {} })),
        }),
      /more than 128/,
    ],
    [
      'no crash',
      (record) => Object.assign(record, { eventName: 'user.login', attributes: [] }),
      /Not a crash/,
    ],
  ];
  for (const [name, change, words] of bad) {
    test(name, async () => {
      const request = one('b'.repeat(24));
      change(recordOf(request));
      const answer = await sendLogs(portal, request);
      assert.equal(answer.status, 200, answer.body.toString());
      assert.equal(answer.json.partialSuccess?.rejectedLogRecords, '1');
      assert.match(answer.json.partialSuccess.errorMessage, words);
      assert.deepEqual(await stored(), []);
    });
  }

  test('the others of the request are stored', async () => {
    await using own = await startTestPortal();
    const request = agentRequest([crash('c'.repeat(24)), crash('d'.repeat(24)), crash('e'.repeat(24))]);
    attribute(recordOf(request, 1), 'crashmon.kind', { stringValue: 'x' });
    const other = agentRequest([crash('f'.repeat(24))], { app: 'blog' });
    request.resourceLogs.push(...other.resourceLogs);
    const answer = await sendLogs(own, request);
    assert.deepEqual(answer.json.partialSuccess?.rejectedLogRecords, '2');
    assert.match(answer.json.partialSuccess.errorMessage, /crashmon.kind.*service.name is different/);
    assert.deepEqual(await stored('shop', own), ['c'.repeat(24), 'e'.repeat(24)]);
    assert.deepEqual(await stored('blog', own), []);
  });

  test('a report that is about another app and instance is about its sender', async () => {
    await using own = await startTestPortal();
    const uid = 'a'.repeat(24);
    const report = { ...redactedReport('abc'), app: 'bank', instance: 'vault', hold: { ms: 1 } };
    await sendLogs(own, agentRequest([crash(uid), captureRecord(uid, Date.now(), { report })]));
    const detail = await own.store.crash('shop', uid);
    assert.equal(detail?.report?.app, 'shop');
    assert.equal(detail.report.instance, 'web-1');
  });
});

test('script in every text is stored as text and runs nowhere', async () => {
  await using own = await startTestPortal({ app: '<script>alert(1)</script>' });
  const script = '<script>alert(1)</script>';
  const uid = 'a'.repeat(24);
  const frame = {
    function: script,
    file: script,
    line: 1,
    column: 1,
    module: script,
    inApp: true,
    repeat: 1,
  };
  const report = {
    ...redactedReport(script),
    ...{
      exceptionType: script,
      code: script,
      signal: script,
      runtime: { name: 'node', version: script },
      source: 'capture',
      problems: [script],
    },
    ...{ frames: [{ ...frame, trust: 'call-site' }], hold: { ms: 1 } },
  };
  const records = [
    crash(uid, { title: script, signatures: [script], reason: { code: script as never } }),
    captureRecord(uid, Date.now(), { report: report as never, title: script, signatures: [script] }),
  ];
  const source = { app: script, instance: script, version: script };
  const answer = await sendLogs(own, agentRequest(records, source));
  assert.deepEqual(answer.json, {});
  const cookie = await own.signIn();
  const app = encodeURIComponent(script);
  for (const page of [
    '/',
    `/apps/${app}?crash=${uid}`,
    `/apps/${app}/instances/${app}`,
    `/apps/${app}/history`,
  ]) {
    const response = await fetch(`${own.url}${page}`, { headers: { cookie, accept: 'text/html' } });
    assert.equal(response.status, 200, page);
    assert.match(response.headers.get('content-security-policy') ?? '', /script-src 'self'/);
    const html = await response.text();
    assert.ok(html.includes('&lt;script&gt;alert(1)'), page);
    assert.ok(!html.includes('<script>alert'), page);
  }
});

test('a revoked token is refused within seconds', async () => {
  await using own = await startTestPortal();
  assert.equal((await sendLogs(own, one())).status, 200);
  const [token] = await own.store.tokens('shop');
  assert.ok(await own.store.revokeToken(token?.id ?? '', Date.now()));
  const deadline = performance.now() + 120_000;
  let answer = await sendLogs(own, one());
  while (answer.status === 200 && performance.now() < deadline) answer = await sendLogs(own, one());
  assert.equal(answer.status, 401);
  assert.match(answer.json.message ?? '', /revoked/);
});

test('a sender that guesses tokens must wait, and others at the same address are not', async () => {
  await using own = await startTestPortal();
  assert.equal((await sendLogs(own, one())).status, 200);
  const guess = () => sendLogs(own, one(), { token: `cmt_${'g'.repeat(43)}` });
  let answer = await guess();
  for (let count = 0; count < 100 && answer.status === 401; count++) answer = await guess();
  assert.equal(answer.status, 429);
  assert.ok((answer.retryAfter ?? 0) > 0);
  assert.equal((await sendLogs(own, one())).status, 200);
});

test('a sender that never finishes is disconnected, and others are served meanwhile', async () => {
  const { hostname, port } = new URL(portal.url);
  const slow = net.connect(Number(port), hostname);
  slow.on('error', () => {});
  const head = [
    'POST /v1/logs HTTP/1.1',
    'host: portal',
    `authorization: Bearer ${portal.token}`,
    'content-type: application/json',
    'content-length: 1000',
  ];
  slow.write(`${head.join('\r\n')}\r\n\r\n{"resource`);
  const answered = once(slow, 'data');
  assert.equal((await sendLogs(portal, { resourceLogs: [] })).status, 200);
  const [answer] = await answered;
  assert.match(String(answer), /^HTTP\/1\.1 408 /);
  slow.destroy();
});

function to(body: object | Buffer | string, how: LogsToSend = {}): Parameters<typeof sendLogs> {
  return [portal, body, how];
}

function one(uid?: string) {
  return agentRequest([crash(uid)]);
}

function many(count: number) {
  return { resourceLogs: [{ scopeLogs: [{ logRecords: Array.from({ length: count }, () => ({})) }] }] };
}

function recordOf(request: ReturnType<typeof agentRequest>, index = 0): Record<string, unknown> {
  return (request.resourceLogs[0]?.scopeLogs[0]?.logRecords[index] ?? {}) as Record<string, unknown>;
}

function attribute(record: Record<string, unknown>, key: string, value: object): void {
  const attributes = record.attributes as { key: string; value: object }[];
  const known = attributes.find((entry) => entry.key === key);
  if (known === undefined) attributes.push({ key, value });
  else known.value = value;
}

function notUtf8(): Buffer {
  const bytes = encoded(one(), 'protobuf');
  bytes[bytes.indexOf('web-1')] = 0xff;
  return bytes;
}

/** uids of what the store has. */
async function stored(app = 'shop', { store } = portal): Promise<string[]> {
  const range = { fromMs: 0, toMs: Date.now() + DAY_MS };
  const { items } = await store.crashes(app, { range }, 100);
  return items.map(({ uid }) => uid).toSorted();
}
