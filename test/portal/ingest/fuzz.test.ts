import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { TelemetryRecord } from '../../../src/model/telemetry.ts';
import { agentRequest, encoded, sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';
import { inputs } from '../../support/rounds.ts';
import { arbitraryRecord } from '../../support/telemetry/arbitrary-record.ts';

const DAY_MS = 86_400_000;
const FORMATS = ['json', 'protobuf'] as const;
/** A request is answered in a fraction of it; what hangs does not. */
const DEADLINE_MS = 120_000;

let portal: TestPortal;
before(async () => {
  portal = await startTestPortal();
});
after(() => portal[Symbol.asyncDispose]());

const recent = (record: TelemetryRecord): TelemetryRecord => ({
  ...record,
  atMs: Date.now() - (record.atMs % (30 * DAY_MS)),
});
const records = fc.array(arbitraryRecord.map(recent), { maxLength: 5 });
const format = fc.constantFrom(...FORMATS);

/** Answers there are; 500 is none of them. */
const ANSWERS = new Set([200, 400, 403, 413, 415]);

async function send(
  body: Buffer,
  how: { format: (typeof FORMATS)[number]; headers?: Record<string, string> },
) {
  const crashes = await countCrashes();
  const answer = await sendLogs(portal, body, how);
  assert.ok(ANSWERS.has(answer.status), `${answer.status} ${answer.body}`);
  if (answer.status !== 200) assert.equal(await countCrashes(), crashes, 'something was stored');
  return answer;
}

async function countCrashes(): Promise<number> {
  const instances = await portal.store.instances('shop', Date.now());
  return instances.reduce((sum, { crashesTotal }) => sum + crashesTotal, 0);
}

test('what agents can send is taken, in both formats', { timeout: DEADLINE_MS }, async () => {
  await fc.assert(
    fc.asyncProperty(records, format, async (sent, as) => {
      const answer = await send(encoded(agentRequest(sent), as), { format: as });
      assert.deepEqual(answer.json, {}, answer.body.toString());
    }),
    { numRuns: inputs(60) },
  );
});

test('bytes of any kind are answered, and never half stored', { timeout: DEADLINE_MS }, async () => {
  const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
  await fc.assert(
    fc.asyncProperty(bytes, format, fc.boolean(), async (body, as, isGzip) => {
      const headers: Record<string, string> = isGzip ? { 'content-encoding': 'gzip' } : {};
      await send(body, { format: as, headers });
    }),
    { numRuns: inputs(80) },
  );
});

test('requests that were damaged on their way are answered, and never half stored', {
  timeout: DEADLINE_MS,
}, async () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(records, format, fc.boolean(), damage, async (sent, as, isGzip, changes) => {
      const plain = encoded(agentRequest(sent), as);
      const body = isGzip ? gzipSync(plain) : plain;
      for (const [at, byte] of changes) body[at % body.length] = byte;
      await send(body, { format: as, headers: isGzip ? { 'content-encoding': 'gzip' } : {} });
    }),
    { numRuns: inputs(80) },
  );
});

test('JSON of any shape is answered', { timeout: DEADLINE_MS }, async () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, 0, -1, 1e300, 2 ** 53, '', 'x', '\u0000', '\ud800', '__proto__'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          ...['resource', 'attributes', 'key', 'value', 'stringValue', 'intValue', 'arrayValue', 'values'],
          ...['scopeLogs', 'logRecords', 'timeUnixNano', 'eventName', 'severityNumber', 'body', '__proto__'],
        ),
        tie('any'),
        { maxKeys: 5 },
      ),
    ),
  })).any;
  const name = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  await fc.assert(
    fc.asyncProperty(fc.array(value, { maxLength: 3 }), fc.boolean(), async (parts, isDeep) => {
      const resourceLogs = isDeep ? [{ resource: name, scopeLogs: [{ logRecords: parts }] }] : parts;
      await send(Buffer.from(JSON.stringify({ resourceLogs })), { format: 'json' });
    }),
    { numRuns: inputs(80) },
  );
});

test('exceptions of any text are taken as crashes', { timeout: DEADLINE_MS }, async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 80 });
  const line = fc.oneof(
    text,
    fc.constantFrom('    at f (/a.js:1:1)', '  File "a.py", line 1, in f', '#0 a.php(1): f()'),
  );
  const stack = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
  await fc.assert(
    fc.asyncProperty(text, text, stack, format, async (type, message, trace, as) => {
      const attributes = [
        { key: 'exception.type', value: { stringValue: type } },
        { key: 'exception.message', value: { stringValue: message } },
        { key: 'exception.stacktrace', value: { stringValue: trace } },
      ];
      const time = `${BigInt(Date.now()) * 1_000_000n}`;
      const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
      const logRecords = [{ timeUnixNano: time, severityNumber: 21, attributes }];
      const body = encoded({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }, as);
      const answer = await send(body, { format: as });
      assert.equal(answer.status, 200);
      assert.equal(answer.json.partialSuccess?.rejectedLogRecords ?? '0', '0', answer.body.toString());
    }),
    { numRuns: inputs(60) },
  );
});
