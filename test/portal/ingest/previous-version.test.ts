import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { captureRecord, crashRecord, redactedReport } from '../../support/portal/records.ts';
import { agentRequest, sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal, type TestPortal } from '../../support/portal/start-portal.ts';
import { previousPortalReport, previousRequest } from '../../support/previous-version.ts';

const HOUR_MS = 3_600_000;
const REASONS = {
  '0c0f': { code: 'uncaught-exception' },
  '1c0f': { code: 'printed-exception' },
  '2c0f': { code: 'unknown' },
  '3c0f': { code: 'invalid-memory-access', shellSignal: 'SIGSEGV' },
  '4c0f': { code: 'invalid-memory-access', firstSignal: 'SIGSEGV' },
  '5c0f': { code: 'heap-exhausted' },
  '6c0f': { code: 'uncaught-exception' },
};
const PROBLEMS = [
  { code: 'source-map-damaged', count: 1 },
  { code: 'frames-cut', count: 12 },
  { code: 'names-withheld', count: 2 },
];

async function crashesOf({ store }: TestPortal, nowMs: number) {
  const range = { fromMs: nowMs - HOUR_MS, toMs: nowMs + HOUR_MS };
  const { items } = await store.crashes('shop', { range }, 100);
  const crashes = await Promise.all(items.map(({ uid }) => store.crash('shop', uid)));
  return new Map(crashes.map((crash) => [crash?.crashId.slice(0, 4) ?? '', crash]));
}

test('what an agent of version 0.1 sends is stored as codes', async () => {
  await using portal = await startTestPortal();
  const nowMs = Date.now();
  const answer = await sendLogs(portal, previousRequest(nowMs));
  assert.deepEqual([answer.status, answer.json], [200, {}]);
  const crashes = await crashesOf(portal, nowMs);
  assert.deepEqual(Object.fromEntries([...crashes].map(([id, crash]) => [id, crash?.reason])), REASONS);
  assert.deepEqual(crashes.get('0c0f')?.report?.problems, PROBLEMS);
  assert.deepEqual(crashes.get('5c0f')?.report?.problems, [{ code: 'no-record' }, { code: 'more-in-log' }]);
  // In the database, too.
  using database = new DatabaseSync(path.join(portal.dataDir, 'portal.db'), { readOnly: true });
  const rows = database
    .prepare('select reason as text from crashes union all select body from reports')
    .all();
  assert.doesNotMatch(JSON.stringify(rows), /unhandled exception|were left out|standard error/);
});

test('what a portal of version 0.1 stored is read as codes', async () => {
  await using portal = await startTestPortal();
  const nowMs = Date.now();
  await sendLogs(portal, previousRequest(nowMs));
  const { body, own } = previousPortalReport();
  {
    using database = new DatabaseSync(path.join(portal.dataDir, 'portal.db'));
    database.exec('pragma busy_timeout = 5000');
    const sentence = "exit 1, and standard error ends with Node's report of an exception nobody handled";
    database.prepare('update crashes set reason = ?, report_own = ?').run(sentence, own);
    database.prepare('update reports set body = ?').run(body);
  }
  const crash = (await crashesOf(portal, nowMs)).get('0c0f');
  assert.deepEqual(crash?.reason, { code: 'printed-exception' });
  assert.deepEqual([crash.report?.schemaVersion, crash.report?.problems], [3, PROBLEMS]);
  const { runtime, source } = crash.report ?? {};
  assert.deepEqual([runtime, source], [{ name: 'node', version: '24.21.0' }, 'capture']);
});

test('codes of a later version are stored, and shown as they are', async () => {
  await using portal = await startTestPortal();
  const uid = 'a'.repeat(24);
  const record = crashRecord(uid, Date.now(), { reason: { code: 'later-code' as never } });
  const problems = [{ code: 'later-problem' as never, count: 3 }];
  const report = { ...redactedReport('abc'), hold: { ms: 1 }, problems };
  await sendLogs(portal, agentRequest([record, captureRecord(uid, Date.now(), { report })]));
  assert.deepEqual((await portal.store.crash('shop', uid))?.reason, { code: 'later-code' });
  const cookie = await portal.signIn();
  const page = await fetch(`${portal.url}/apps/shop?crash=${uid}`, {
    headers: { cookie, accept: 'text/html' },
  });
  const text = await page.text();
  assert.match(text, /exit 1: unknown reason &quot;later-code&quot;/);
  assert.match(text, /Unknown problem &quot;later-problem&quot;\./);
  const api = await fetch(`${portal.url}/api/v1/apps/shop/crashes/${uid}`, { headers: { cookie } });
  const crash = (await api.json()) as { reason: string; reasonCode: string; report: { problems: object[] } };
  assert.deepEqual([crash.reason, crash.reasonCode], ['exit 1: unknown reason "later-code"', 'later-code']);
  assert.deepEqual(crash.report.problems, [
    { code: 'later-problem', count: 3, text: 'Unknown problem "later-problem".' },
  ]);
});
