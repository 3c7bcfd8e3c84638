import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MailServer } from '../../notify/mail-server.ts';
import { answer, WebhookReceiver } from '../../notify/webhook-receiver.ts';
import { captureRecord, crashRecord, redactedReport } from '../../support/portal/records.ts';
import { agentRequest, sendLogs } from '../../support/portal/send-logs.ts';
import { startTestPortal } from '../../support/portal/start-portal.ts';

const CANARY = 'canary-9c41e';
const UID = '01890a5d-ac96-774b-bcce-b302099a8057';

test('what a sender should not have sent is in no mail and no webhook', async () => {
  const both = Promise.withResolvers<void>();
  await using server = await MailServer.start({
    onData(_stream, _session, done) {
      done();
      if (receiver.posted.length > 0) both.resolve();
    },
  });
  await using receiver = await WebhookReceiver.start((posted, response) => {
    answer(200)(posted, response);
    if (server.delivered.length > 0) both.resolve();
  });
  const mail = { smtp: server.url(), mailFrom: 'crashmon@example.com', mailTo: [] };
  await using portal = await startTestPortal({
    settings: { notifications: { ...mail, allowPrivateWebhooks: true } },
  });
  const { notifications } = portal.store;
  const now = Date.now();
  const none = { preset: null, secret: null };
  await notifications.addTarget('shop', { type: 'mail', address: 'ops@example.com', ...none }, 'ada', now);
  await notifications.addTarget('shop', { type: 'webhook', address: receiver.url(), ...none }, 'ada', now);
  const more = { message: CANARY, argv: [CANARY], env: { TOKEN: CANARY }, memory: CANARY };
  const report = { ...redactedReport('c0ffee12'), hold: { ms: 1 }, ...more };
  const request = agentRequest([
    crashRecord(UID, now, { crashId: 'c0ffee12' }),
    captureRecord(UID, now, { uid: `${UID.slice(0, -1)}b`, report: report as never }),
  ]);
  const secret = (key: string) => ({ key, value: { stringValue: `${CANARY} ${key}` } });
  for (const { resource, scopeLogs } of request.resourceLogs) {
    resource.attributes.push(secret('process.command_line'), secret('process.environment_variable.TOKEN'));
    for (const { logRecords } of scopeLogs) {
      for (const record of logRecords) {
        record.attributes.push(secret('exception.message'), secret('user.email'), secret('crashmon.argv'));
      }
    }
  }
  const answered = await sendLogs(portal, request);
  assert.equal(answered.status, 200);
  assert.doesNotMatch(answered.json.partialSuccess?.errorMessage ?? '', /not stored/);
  await both.promise;
  const [sentMail] = server.delivered;
  assert.match(sentMail?.mail.subject ?? '', /uncaught TypeError/, 'the crash itself was reported');
  const parts = [sentMail?.raw, sentMail?.mail.text, sentMail?.mail.html, receiver.posted[0]?.body];
  for (const part of parts) {
    assert.ok(typeof part === 'string' && part.includes('TypeError'));
    assert.ok(!part.includes(CANARY));
  }
});
