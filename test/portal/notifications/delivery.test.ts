import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { MailServer, reply } from '../../notify/mail-server.ts';
import { answer, WebhookReceiver } from '../../notify/webhook-receiver.ts';
import { captureRecord, crashRecord, sent } from '../../support/portal/records.ts';
import { databases, HOUR, MINUTE, openTestPortal, START_MS, type TestPortal } from './test-portal.ts';

const both = databases();
after(() => both[Symbol.asyncDispose]());

const addMail = (portal: TestPortal, address: string) =>
  portal.store.notifications.addTarget(
    'shop',
    { type: 'mail', address, preset: null, secret: null },
    'ada',
    START_MS,
  );

async function crash(portal: TestPortal, uid = 'c1'): Promise<void> {
  const { nowMs } = portal.clock;
  await portal.store.write([sent(crashRecord(uid, nowMs)), sent(captureRecord(uid, nowMs))]);
}

async function outcomes(portal: TestPortal): Promise<string[]> {
  const [notice] = await portal.store.notifications.log('shop', 1);
  return (notice?.deliveries ?? []).map(
    ({ address, state, attempts, problem }) => `${address} ${state} ${attempts} ${problem}`,
  );
}

for (const { name, fresh } of both.places) {
  describe(name, () => {
    test('each recipient separately: accepted, deferred, rejected', async () => {
      let isPutOff = true;
      await using server = await MailServer.start({
        onRcptTo({ address }, _session, done) {
          if (address.startsWith('gone')) return done(reply(550, '5.1.1 no such user'));
          done(address.startsWith('later') && isPutOff ? reply(451, '4.7.1 come back later') : null);
        },
      });
      await using portal = await openTestPortal(await fresh(), { smtp: server.url() });
      for (const address of ['a@example.com', 'gone@example.com', 'later@example.com'])
        await addMail(portal, address);
      await crash(portal);
      await portal.runner.runDue();
      assert.deepEqual(await outcomes(portal), [
        'a@example.com delivered 1 null',
        'gone@example.com dead 1 The mail server replied: 550 5.1.1 no such user',
        'later@example.com retry 1 The mail server replied: 451 4.7.1 come back later',
      ]);
      isPutOff = false;
      portal.clock.nowMs += MINUTE;
      await portal.runner.runDue();
      assert.match((await outcomes(portal))[2] ?? '', /^later@example\.com delivered 2/);
      assert.deepEqual(server.delivered.flatMap(({ to }) => to).sort(), [
        'a@example.com',
        'later@example.com',
      ]);
      const ids = new Set(server.delivered.map(({ mail }) => mail.messageId));
      assert.equal(ids.size, 1, 'it is the same message for both');
    });

    test('what is not accepted for a day is dropped, shown as such, and can be sent again', async () => {
      let isBack = false;
      await using server = await MailServer.start({
        onMailFrom: (_address, _session, done) => done(isBack ? null : reply(421, '4.3.2 not now')),
      });
      await using portal = await openTestPortal(await fresh(), { smtp: server.url() });
      const { store, runner, clock } = portal;
      await addMail(portal, 'ops@example.com');
      await crash(portal);
      let rounds = 0;
      while ((await store.notifications.outboxCounts()).waiting > 0 && rounds++ < 100) {
        await runner.runDue();
        clock.nowMs += HOUR;
      }
      assert.ok(rounds >= 24 && rounds < 40, `${rounds} hours`);
      assert.match((await outcomes(portal)).join(), /^ops@example\.com dead \d+ .*421 4\.3\.2 not now/);
      isBack = true;
      const log = await store.notifications.log('shop', 10);
      const dead = log.find(({ deliveries }) => deliveries[0]?.state === 'dead');
      const targetId = dead?.deliveries[0]?.targetId ?? '';
      assert.equal(await store.notifications.sendAgain('shop', dead?.id ?? '', targetId, clock.nowMs), true);
      assert.equal(await store.notifications.sendAgain('shop', dead?.id ?? '', targetId, clock.nowMs), false);
      await runner.runDue();
      assert.equal(server.delivered.length, 1);
      assert.deepEqual(await store.notifications.outboxCounts(), { waiting: 0, dead: 1 });
    });

    test('a recipient that was removed before sending gets nothing', async () => {
      await using server = await MailServer.start();
      await using portal = await openTestPortal(await fresh(), { smtp: server.url() });
      const target = await addMail(portal, 'left@example.com');
      await addMail(portal, 'unsubscribed@example.com');
      await crash(portal);
      await portal.store.notifications.removeTarget('shop', target?.id ?? '');
      await portal.store.notifications.stopMail(
        'shop',
        'unsubscribed@example.com',
        'unsubscribed@example.com',
        START_MS,
      );
      await portal.runner.runDue();
      assert.equal(server.delivered.length, 0);
      assert.deepEqual(await outcomes(portal), [
        'left@example.com dead 1 No longer a recipient.',
        'unsubscribed@example.com dead 1 No longer a recipient.',
      ]);
      await crash(portal, 'c2');
      assert.equal(
        (await portal.store.notifications.log('shop', 10)).length,
        1,
        'without recipients, nothing is stored',
      );
    });

    test('a webhook gets signed JSON, once', async () => {
      await using receiver = await WebhookReceiver.start(answer(204));
      await using portal = await openTestPortal(await fresh());
      const secret = 'a secret of more than 16';
      const target = {
        type: 'webhook' as const,
        address: receiver.url(),
        preset: 'crashmon' as const,
        secret,
      };
      await portal.store.notifications.addTarget('shop', target, 'ada', START_MS);
      await crash(portal);
      await portal.runner.runDue();
      const [posted] = receiver.posted;
      assert.equal(receiver.posted.length, 1);
      assert.equal(JSON.parse(posted?.body ?? '').crash.exceptionType, 'TypeError');
      const [, seconds, mac] =
        /^t=(\d+),v1=(\w+)$/.exec(String(posted?.headers['x-crashmon-signature'])) ?? [];
      assert.equal(mac, createHmac('sha256', secret).update(`${seconds}.${posted?.body}`).digest('hex'));
      assert.deepEqual(await outcomes(portal), ['127.0.0.1 delivered 1 null']);
    });

    test('without a mail server mails wait, and the log says why', async () => {
      await using portal = await openTestPortal(await fresh());
      await addMail(portal, 'ops@example.com');
      await crash(portal);
      await portal.runner.runDue();
      assert.match(
        (await outcomes(portal)).join(),
        /retry 1 No mail server is configured: start the portal with --smtp/,
      );
    });

    test('a test goes to its recipient, even if the app is muted', async () => {
      await using server = await MailServer.start();
      await using portal = await openTestPortal(await fresh(), { smtp: server.url() });
      const { notifications } = portal.store;
      assert.equal(await notifications.addTest('new-app', null, START_MS), null);
      const one = await addMail(portal, 'one@example.com');
      await addMail(portal, 'two@example.com');
      const { preferences } = await notifications.settings('shop');
      await notifications.savePreferences(
        'shop',
        { ...preferences, mute: { untilMs: START_MS + HOUR } },
        'ada',
        START_MS,
      );
      await notifications.addTest('shop', [one?.id ?? ''], START_MS);
      await portal.runner.runDue();
      assert.deepEqual(
        server.delivered.map(({ to, mail }) => `${to} ${mail.subject}`),
        ['one@example.com Test notification from Crashmon for shop'],
      );
    });
  });
}
