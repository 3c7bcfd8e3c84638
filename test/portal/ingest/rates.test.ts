import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { INGEST_LIMITS } from '../../../src/portal/ingest/ingest-limits.ts';
import { registerIngest } from '../../../src/portal/ingest/register-ingest.ts';
import { Metrics } from '../../../src/portal/metrics.ts';
import { crashRecord } from '../../support/portal/records.ts';
import { agentRequest, sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal } from '../../support/portal/start-portal.ts';

const crashes = (count: number, from = 0) =>
  agentRequest(
    Array.from({ length: count }, (_, index) =>
      crashRecord((from + index).toString(16).padStart(24, '0'), Date.now()),
    ),
  );

const RATES = {
  records: { recordsPerSecond: 1, bytesPerSecond: 1e9 },
  bytes: { recordsPerSecond: 1e9, bytesPerSecond: 500 },
};

for (const [what, rates] of Object.entries(RATES)) {
  test(`a token that sends too many ${what} gets the time to come again, and another is not`, async () => {
    await using portal = await startTestPortal();
    const server = fastify();
    const parts = { ...portal.parts, metrics: new Metrics() };
    await server.register((scope) => registerIngest(scope, parts, { ...INGEST_LIMITS, ...rates }));
    const url = await server.listen({ host: '127.0.0.1', port: 0 });
    try {
      const to = { url, token: portal.token };
      // A batch of any size passes once.
      assert.equal((await sendLogs(to, crashes(60))).status, 200);
      const answer = await sendLogs(to, crashes(1, 60));
      assert.equal(answer.status, 429);
      assert.equal(answer.json.code, 8);
      assert.ok((answer.retryAfter ?? 0) >= 1);
      const other = await portal.newToken('shop');
      assert.equal((await sendLogs({ url, token: other }, crashes(1, 60))).status, 200);
      assert.match(parts.metrics.text(), /refused_requests_total\{status="429"\} 1\n/);
    } finally {
      await server.close();
    }
  });
}

test('/metrics says what was taken, what came twice, and what was refused and why', async () => {
  await using portal = await startTestPortal();
  const three = crashes(3);
  await sendLogs(portal, three);
  await sendLogs(portal, three);
  await sendLogs(portal, crashes(1), { token: null });
  const mixed = crashes(1, 9);
  mixed.resourceLogs.push(...agentRequest([crashRecord('b'.repeat(24), 1_000)]).resourceLogs);
  mixed.resourceLogs.push(
    ...agentRequest([crashRecord('c'.repeat(24), Date.now())], { app: 'x' }).resourceLogs,
  );
  await sendLogs(portal, mixed);
  const text = await (await fetch(`${portal.url}/metrics`)).text();
  for (const line of [
    'records_total 7',
    'crashes_total{outcome="new"} 4',
    'crashes_total{outcome="duplicate"} 3',
    'refused_records_total{reason="time"} 1',
    'refused_records_total{reason="app"} 1',
    'refused_requests_total{status="401"} 1',
    'seconds_count 4',
    'bytes_in_flight 0',
    'requests_in_flight 0',
    'requests_waiting 0',
  ]) {
    assert.ok(text.includes(`\ncrashmon_portal_ingest_${line}\n`), `${line} in\n${text}`);
  }
});
