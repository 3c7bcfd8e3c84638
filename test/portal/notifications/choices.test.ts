import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { NotificationPreferences } from '../../../src/notify/preferences.ts';
import { MailServer } from '../../notify/mail-server.ts';
import { captureRecord, crashRecord, redactedReport, sent } from '../../support/portal/records.ts';
import { DAY, databases, HOUR, MINUTE, openTestPortal, START_MS, type TestPortal } from './test-portal.ts';

const both = databases();
after(() => both[Symbol.asyncDispose]());

type Chosen = Partial<NotificationPreferences>;

async function choose(portal: TestPortal, chosen: Chosen): Promise<void> {
  const { notifications } = portal.store;
  const { preferences } = await notifications.settings('shop');
  await notifications.savePreferences('shop', { ...preferences, ...chosen }, 'ada', portal.clock.nowMs);
}

async function crash(
  portal: TestPortal,
  uid: string,
  changes: { version?: string; place?: string } = {},
): Promise<void> {
  const { nowMs } = portal.clock;
  const { version = '1.0.0', place = 'total' } = changes;
  const group = { signatures: [`v1:${place}`], report: redactedReport(uid, place) };
  await portal.store.write([
    sent(crashRecord(uid, nowMs), { version }),
    sent(captureRecord(uid, nowMs, group), { version }),
  ]);
  await portal.runner.runDue();
}

const whys = async (portal: TestPortal) =>
  (await portal.store.notifications.log('shop', 20)).map(({ why }) => why);

for (const { name, fresh } of both.places) {
  describe(name, () => {
    const withMail = async (server: MailServer, chosen: Chosen): Promise<TestPortal> => {
      const portal = await openTestPortal(await fresh(), { smtp: server.url(), mailTo: ['ops@example.com'] });
      await choose(portal, chosen);
      return portal;
    };
    const subjects = (server: MailServer) => server.delivered.map(({ mail }) => mail.subject ?? '');

    test('quiet hours: at their end, only the newest notification of an episode', async () => {
      await using server = await MailServer.start();
      const quietHours = { fromMinute: 22 * 60, toMinute: 7 * 60, timeZone: 'Europe/Berlin' };
      await using portal = await withMail(server, { quietHours });
      // 23:00 in Berlin.
      portal.clock.nowMs = Date.UTC(2026, 10, 25, 22);
      await crash(portal, 'c1');
      await crash(portal, 'c2', { place: 'pay' });
      portal.clock.nowMs += 30 * MINUTE;
      await crash(portal, 'c3', { place: 'pay' });
      portal.clock.nowMs += 31 * MINUTE;
      await portal.runner.runDue();
      assert.deepEqual(subjects(server), []);
      assert.ok((await whys(portal)).includes('it was over before the quiet hours were'));
      portal.clock.nowMs = Date.UTC(2026, 10, 26, 6) - 1;
      await portal.runner.runDue();
      assert.equal(server.delivered.length, 0);
      portal.clock.nowMs += 1;
      await portal.runner.runDue();
      assert.equal(server.delivered.length, 2, 'one for each cause');
      assert.ok(subjects(server).every((subject) => /is stable again/.test(subject)));
      assert.match(server.delivered[0]?.mail.text ?? '', /25 Nov 2026, 23:\d\d/, 'times are those of Berlin');
    });

    test('a daily message instead of single ones', async () => {
      await using server = await MailServer.start();
      await using portal = await withMail(server, { digest: { minute: 8 * 60, timeZone: 'UTC' } });
      await crash(portal, 'c1');
      await crash(portal, 'c2', { place: 'pay' });
      portal.clock.nowMs += 3 * HOUR;
      await portal.runner.runDue();
      assert.deepEqual(subjects(server), []);
      portal.clock.nowMs = Date.UTC(2026, 10, 26, 8);
      await portal.runner.runDue();
      assert.deepEqual(subjects(server), ['2 crashes of your app, shop, up to 26 Nov 2026']);
      const text = server.delivered[0]?.mail.text ?? '';
      assert.match(text, /TypeError in total/);
      assert.match(text, /TypeError in pay/);
      portal.clock.nowMs += DAY;
      await portal.runner.runDue();
      assert.equal(server.delivered.length, 1, 'a day without crashes has no message');
    });

    test('mute until a time: neither the crash nor its end is reported', async () => {
      await using server = await MailServer.start();
      await using portal = await withMail(server, { mute: { untilMs: START_MS + HOUR } });
      await crash(portal, 'c1');
      portal.clock.nowMs += 2 * HOUR;
      await portal.runner.runDue();
      assert.deepEqual(await whys(portal), ['its beginning was only in a digest', 'muted']);
      await crash(portal, 'c2');
      assert.equal(server.delivered.length, 1);
    });

    test('nothing is sent if the app is muted while it waits for the end of quiet hours', async () => {
      await using server = await MailServer.start();
      const quietHours = { fromMinute: 9 * 60, toMinute: 11 * 60, timeZone: 'UTC' };
      await using portal = await withMail(server, { quietHours });
      await crash(portal, 'c1');
      await choose(portal, { mute: { untilMs: START_MS + 2 * HOUR } });
      portal.clock.nowMs += HOUR - MINUTE;
      await portal.runner.runDue();
      portal.clock.nowMs += MINUTE;
      await portal.runner.runDue();
      assert.deepEqual(subjects(server), []);
      assert.ok((await whys(portal)).includes('muted'), 'nor of its end');
    });

    test('mute until the next version', async () => {
      await using server = await MailServer.start();
      await using portal = await withMail(server, {});
      await crash(portal, 'c0');
      const version = await portal.store.notifications.newestVersion('shop');
      assert.equal(version, '1.0.0');
      await choose(portal, { mute: { whileVersion: '1.0.0' } });
      await crash(portal, 'c1', { place: 'pay' });
      assert.equal(server.delivered.length, 1);
      await crash(portal, 'c2', { place: 'ship', version: '1.1.0' });
      assert.equal(server.delivered.length, 2);
      assert.match(server.delivered[1]?.mail.text ?? '', /Version\s+1\.1\.0/);
    });

    test('only the kinds that were asked for', async () => {
      await using server = await MailServer.start();
      await using portal = await withMail(server, { kinds: ['stack-overflow'] });
      await crash(portal, 'c1');
      assert.deepEqual(await whys(portal), ['this kind of crash is not asked for']);
      assert.equal(server.delivered.length, 0);
    });

    test('the default recipient, until another is added', async () => {
      await using server = await MailServer.start();
      await using portal = await withMail(server, {});
      await crash(portal, 'c1');
      const mine = { type: 'mail' as const, address: 'mine@example.com', preset: null, secret: null };
      await portal.store.notifications.addTarget('shop', mine, 'ada', START_MS);
      await crash(portal, 'c2', { place: 'pay' });
      const { targets } = await portal.store.notifications.settings('shop');
      await portal.store.notifications.removeTarget('shop', targets[0]?.id ?? '');
      await crash(portal, 'c3', { place: 'ship' });
      assert.deepEqual(
        server.delivered.flatMap(({ to }) => to),
        ['ops@example.com', 'mine@example.com'],
      );
    });
  });
}
