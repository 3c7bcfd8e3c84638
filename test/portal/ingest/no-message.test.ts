import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { startPostgres, type TestDatabase } from '../../support/portal/database.ts';
import { PRINTED_STACKS, type PrintedStack } from '../../support/portal/printed-stacks.ts';
import { captureRecord, crashRecord, redactedReport } from '../../support/portal/records.ts';
import { agentRequest, type LogsToSend, sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';

const CANARY = 'canary7f3a';
/** Also lines that look like calls in each of the languages. */
const MESSAGE = `no price for ${CANARY}@example.org
    at ${CANARY} (/home/${CANARY}/${CANARY}.js:1:1)
  File "/home/${CANARY}/${CANARY}.py", line 1, in ${CANARY}
\tat com.${CANARY}.Secret.of(${CANARY}.java:1)
main.${CANARY}(0x1)
\t/home/${CANARY}/${CANARY}.go:1 +0x1
   at ${CANARY}.Of() in /home/${CANARY}/${CANARY}.cs:line 1
\tfrom /home/${CANARY}/${CANARY}.rb:1:in '${CANARY}'
#0 /home/${CANARY}/${CANARY}.php(1): ${CANARY}()
${CANARY}`;

/** Without such lines, for senders that do not say which part of the stack is the message. */
const PLAIN = `no price for ${CANARY}@example.org\n  of ${CANARY}:\n\n{ "${CANARY}": "${CANARY}" }`;

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

function request({ language, type, text: print }: PrintedStack, message: string, isNamed = true) {
  const record = {
    timeUnixNano: `${BigInt(Date.now()) * 1_000_000n}`,
    severityNumber: 21,
    severityText: `FATAL ${CANARY}`,
    body: { stringValue: isNamed ? `${type}: ${message}` : CANARY },
    attributes: [
      text('exception.type', type),
      ...(isNamed ? [text('exception.message', message)] : []),
      text('exception.stacktrace', print(message)),
      text('user.email', `${CANARY}@example.org`),
      text(`${CANARY}.key`, CANARY),
      { key: 'args', value: { arrayValue: { values: [{ stringValue: CANARY }] } } },
    ],
  };
  const attributes = [
    text('service.name', 'shop'),
    text('service.instance.id', `web-${language}`),
    text('telemetry.sdk.language', language),
    text('process.command_line', `node ${CANARY}`),
  ];
  const scope = { name: CANARY, version: CANARY };
  return { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ scope, logRecords: [record] }] }] };
}

let postgres: TestDatabase;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres[Symbol.asyncDispose]());

for (const database of ['SQLite', 'PostgreSQL']) {
  describe(database, () => {
    test('no message is kept, answered or logged, wherever it was sent', async () => {
      const url = database === 'SQLite' ? null : await postgres.fresh();
      await using portal = await startTestPortal({ database: url });
      const answers: Buffer[] = [];
      for (const format of ['json', 'protobuf'] as const) {
        for (const stack of PRINTED_STACKS) answers.push(await foreignCrash(portal, stack, { format }));
        for (const stack of PRINTED_STACKS) {
          const answer = await sendLogs(portal, request(stack, PLAIN, false), { format });
          assert.deepEqual(answer.json, {});
          answers.push(answer.body);
        }
        answers.push(await ownCrash(portal, format));
      }
      const { items } = await portal.store.crashes('shop', { range: everything() }, 100);
      // Formats differ in nothing else: what came by both at one millisecond would be one crash.
      assert.ok(items.length >= PRINTED_STACKS.length + 1);
      const cookie = await portal.signIn();
      const seen = [...answers, ...(await pagesOf(portal, cookie)), Buffer.from(portal.log())];
      for (const bytes of seen) assert.equal(around(bytes), null);
      if (url === null) assertNotInFiles(portal.dataDir);
      else await assertNotInTables(url);
    });
  });
}

test('what is known of a crash in each language is kept', async () => {
  await using portal = await startTestPortal();
  for (const stack of PRINTED_STACKS) await foreignCrash(portal, stack, {});
  const { items } = await portal.store.crashes('shop', { range: everything() }, 100);
  for (const { language, type, calls } of PRINTED_STACKS) {
    const event = items.find(({ instance }) => instance === `web-${language}`);
    const crash = await portal.store.crash('shop', event?.uid ?? '');
    assert.equal(crash?.exceptionType, type);
    const frames = crash.report?.frames ?? [];
    const shown = frames.map(
      ({ function: name, file, line, module }) =>
        `${name ?? '-'} ${file ?? '-'}:${line ?? '-'}${module === null ? '' : ` [${module}]`}`,
    );
    assert.deepEqual(shown, calls, language);
  }
});

async function foreignCrash(portal: TestPortal, stack: PrintedStack, how: LogsToSend): Promise<Buffer> {
  const answer = await sendLogs(portal, request(stack, MESSAGE), how);
  assert.equal(answer.status, 200);
  assert.equal(answer.json.partialSuccess?.rejectedLogRecords ?? '0', '0');
  assert.match(answer.json.partialSuccess?.errorMessage ?? '', /1 stored without their exception message/);
  return answer.body;
}

/** An agent never sends such a thing: a sender that pretends to be one does. */
async function ownCrash(portal: TestPortal, format: 'json' | 'protobuf'): Promise<Buffer> {
  const nowMs = Date.now();
  const uid = nowMs.toString(16).padStart(24, '0');
  const report = {
    ...redactedReport('abc', `${CANARY} of ${CANARY}`),
    ...{
      hold: { ms: 1 },
      exceptionType: MESSAGE.slice(0, 60),
      code: CANARY,
      runtime: { name: 'node', version: `v ${CANARY}` },
      source: 'capture',
    },
    ...{ app: CANARY, instance: CANARY, problems: [CANARY], message: MESSAGE },
    causes: [
      { exceptionType: `${CANARY} is wrong`, code: CANARY, frames: [], members: [], message: MESSAGE },
    ],
  };
  const records = [
    crashRecord(uid, nowMs, { reason: { code: (MESSAGE.split('\n')[0] ?? '') as never } }),
    captureRecord(uid, nowMs, { report: report as never }),
  ];
  const sent = agentRequest(records);
  for (const record of sent.resourceLogs[0]?.scopeLogs[0]?.logRecords ?? []) {
    record.body = { stringValue: MESSAGE };
    record.attributes.push(text('exception.message', MESSAGE), text(`${CANARY}.key`, CANARY));
  }
  const answer = await sendLogs(portal, sent, { format });
  assert.equal(answer.status, 200, answer.body.toString());
  assert.equal(answer.json.partialSuccess?.rejectedLogRecords ?? '0', '0');
  assert.match(answer.json.partialSuccess?.errorMessage ?? '', /2 stored without/);
  return answer.body;
}

async function pagesOf({ url, store }: TestPortal, cookie: string): Promise<Buffer[]> {
  const { items } = await store.crashes('shop', { range: everything() }, 100);
  const paths = ['/', '/apps/shop', '/apps/shop/history', '/metrics'];
  for (const { uid } of items) paths.push(`/apps/shop?crash=${uid}`);
  return await Promise.all(
    paths.map(async (name) => {
      const response = await fetch(`${url}${name}`, { headers: { cookie, accept: 'text/html' } });
      assert.equal(response.status, 200, name);
      return Buffer.from(await response.arrayBuffer());
    }),
  );
}

/** Where the canary is, if it is. */
function around(bytes: Buffer): string | null {
  const at = bytes.indexOf(CANARY);
  return at < 0 ? null : bytes.toString('utf8', Math.max(0, at - 200), at + 100);
}

function assertNotInFiles(directory: string): void {
  let files = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files++;
    const file = path.join(entry.parentPath, entry.name);
    assert.equal(around(readFileSync(file)), null, file);
  }
  assert.ok(files > 0);
}

async function assertNotInTables(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query("select tablename as name from pg_tables where schemaname = 'public'");
    assert.ok(tables.rows.length > 5);
    for (const { name } of tables.rows as { name: string }[]) {
      const rows = await client.query(`select t::text as row from "${name}" as t`);
      for (const { row } of rows.rows as { row: string }[])
        assert.ok(!row.includes(CANARY), `${name}: ${row}`);
    }
  } finally {
    await client.end();
  }
}

function everything() {
  return { fromMs: 0, toMs: Date.now() + 1 };
}
