import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliver, type Recipient } from '../../src/notify/deliver.ts';
import { claim, type Delivery, newDelivery, settle } from '../../src/notify/retry.ts';
import { parseWebhookTarget } from '../../src/notify/webhook/webhook-target.ts';
import { MailServer, reply } from './mail-server.ts';
import { CRASH_NOTIFICATIONS, crashNotification, SAMPLE_TIME_MS } from './sample-notifications.ts';
import { answer, WebhookReceiver } from './webhook-receiver.ts';

/** Delivers until it is over, at the times at which it is due; the times at which it was tried. */
async function untilOver(recipient: Recipient): Promise<{ delivery: Delivery; triedMs: number[] }> {
  let delivery = newDelivery(SAMPLE_TIME_MS);
  const triedMs: number[] = [];
  while (delivery.endedMs === null) {
    const nowMs = delivery.dueMs;
    const sending = claim(delivery, nowMs) ?? assert.fail('not due');
    triedMs.push(nowMs - SAMPLE_TIME_MS);
    const result = await deliver(crashNotification(), recipient, 'd-1', { nowMs });
    delivery = settle(sending, { attempt: sending.attempts, result }, nowMs, 0);
  }
  return { delivery, triedMs };
}

const mail = (server: MailServer): Recipient => ({
  type: 'mail',
  server: server.url(),
  from: 'Crashmon <crashmon@example.com>',
  to: 'ops@example.com',
});

test('a mail that is put off twice is delivered, once', async () => {
  let tries = 0;
  await using server = await MailServer.start({
    onRcptTo: (_address, _session, done) => (++tries < 3 ? done(reply(451, '4.7.1 later')) : done()),
  });
  const { delivery, triedMs } = await untilOver(mail(server));
  assert.deepEqual(
    [delivery.state, delivery.problem],
    ['delivered', 'The mail server replied: 451 4.7.1 later'],
  );
  assert.deepEqual(triedMs, [0, 30_000, 120_000]);
  assert.equal(server.delivered.length, 1);
});

test('a mail for an unknown recipient is dropped at once', async () => {
  await using server = await MailServer.start({
    onRcptTo: (_address, _session, done) => done(reply(550, '5.1.1 no such user')),
  });
  const { delivery, triedMs } = await untilOver(mail(server));
  assert.deepEqual([delivery.state, triedMs.length], ['dead', 1]);
});

test('a webhook that asks for time gets it, and the same message', async () => {
  await using recipient = await WebhookReceiver.start((posted, response) =>
    recipient.posted.length < 2
      ? answer(429, { 'retry-after': '600' })(posted, response)
      : answer(200)(posted, response),
  );
  const target = parseWebhookTarget(recipient.url(), { allowPrivate: true, preset: 'slack' });
  const { delivery, triedMs } = await untilOver({ type: 'webhook', target });
  assert.deepEqual([delivery.state, triedMs], ['delivered', [0, 600_000]]);
  const [first, second] = recipient.posted;
  assert.equal(first?.body, second?.body);
  assert.equal(first?.headers['x-crashmon-delivery'], second?.headers['x-crashmon-delivery']);
  assert.match(first?.body ?? '', /"blocks":\[/);
});

test('every kind of notification is delivered both ways', async () => {
  await using server = await MailServer.start();
  await using recipient = await WebhookReceiver.start(answer(204));
  const target = parseWebhookTarget(recipient.url(), { allowPrivate: true });
  const notifications = Object.values(CRASH_NOTIFICATIONS);
  for (const notification of notifications) {
    const options = { nowMs: SAMPLE_TIME_MS };
    assert.equal((await deliver(notification, mail(server), 'd', options)).outcome, 'delivered');
    assert.equal(
      (await deliver(notification, { type: 'webhook', target }, 'd', options)).outcome,
      'delivered',
    );
  }
  assert.deepEqual(
    server.delivered.map(({ mail: { subject } }) => subject),
    recipient.posted.map(({ body }) => JSON.parse(body).subject),
  );
});
