import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import type { SMTPServerOptions } from 'smtp-server';
import { MailServer } from '../../notify/mail-server.ts';
import { captureRecord, crashRecord, sent } from '../../support/portal/records.ts';
import { rounds } from '../../support/rounds.ts';
import { databases, MINUTE, openTestPortal, type PortalPlace, START_MS } from './test-portal.ts';

const both = databases();
after(() => both[Symbol.asyncDispose]());
const [, postgres] = both.places;

const PROGRAM = path.join(import.meta.dirname, '..', '..', 'fixtures', 'portal-notifier.ts');

function startSender(place: PortalPlace, smtpPort: number) {
  const smtp = `smtp://localhost:${smtpPort}`;
  return spawn(process.execPath, [PROGRAM, place.databaseUrl ?? '', place.dataDir, smtp, String(START_MS)], {
    stdio: 'ignore',
  });
}

/** Says when the first mail is there. */
const onArrival = ({ resolve }: { resolve: () => void }): SMTPServerOptions => ({
  onData(_stream, _session, done) {
    done();
    resolve();
  },
});

for (const { name, fresh } of both.places) {
  describe(`kill -9 of who sends, ${name}`, () => {
    for (const moment of ['before the mail is accepted', 'when it is accepted and not settled'] as const) {
      test(moment, async () => {
        const place = await fresh();
        const reached = Promise.withResolvers<void>();
        let isHanging = true;
        const hang = (when: typeof moment, done: () => void) => {
          if (!isHanging || when !== moment) return done();
          reached.resolve();
        };
        await using server = await MailServer.start({
          onRcptTo: (_address, _session, done) => hang('before the mail is accepted', done),
          onData: (_stream, _session, done) => hang('when it is accepted and not settled', done),
        });
        {
          await using portal = await openTestPortal(place, { mailTo: ['ops@example.com'] });
          await portal.store.write([sent(crashRecord('c1', START_MS)), sent(captureRecord('c1', START_MS))]);
        }
        const child = startSender(place, server.port);
        const ended = once(child, 'exit').then(() => assert.fail('it ended by itself'));
        await Promise.race([reached.promise, ended]);
        child.kill('SIGKILL');
        await ended.catch(() => {});
        isHanging = false;
        await using portal = await openTestPortal(place, { smtp: server.url(), mailTo: ['ops@example.com'] });
        portal.clock.nowMs += MINUTE;
        await portal.runner.runDue();
        const before = server.delivered.length;
        assert.equal(before, moment === 'before the mail is accepted' ? 0 : 1, 'the lease is not over');
        portal.clock.nowMs += 5 * MINUTE;
        await portal.runner.runDue();
        await portal.runner.runDue();
        assert.equal(server.delivered.length, before + 1);
        const ids = new Set(server.delivered.map(({ mail }) => mail.messageId));
        assert.equal(ids.size, 1, 'a mailbox knows the second as the first');
        const [notice] = await portal.store.notifications.log('shop', 1);
        assert.deepEqual(
          notice?.deliveries.map(({ state, attempts }) => [state, attempts]),
          [['delivered', 2]],
        );
      });
    }
  });
}

describe('two portals on PostgreSQL', () => {
  const notifications = rounds(60);
  test(`race for ${notifications} notifications: each is sent once`, async () => {
    await using server = await MailServer.start();
    const place = (await postgres?.fresh()) ?? assert.fail();
    const sending = { smtp: server.url(), mailTo: ['ops@example.com'] };
    const unlimited = { limits: { notificationsPerHour: 100_000 } };
    await using one = await openTestPortal(place, sending, unlimited);
    await using two = await openTestPortal(place, sending, unlimited);
    const groups = Array.from({ length: notifications }, (_, at) => `v1:group-${at}`);
    const crashesOf = (portal: string) =>
      groups.flatMap((group, at) => {
        const uid = `${portal}-${at}`;
        const named = { signatures: [group], title: group };
        return [
          sent(crashRecord(uid, START_MS, named), { instance: portal }),
          sent(captureRecord(uid, START_MS, named), { instance: portal }),
        ];
      });
    // Both receive crashes of the same causes at the same moment.
    const parts = (portal: string) => {
      const records = crashesOf(portal);
      const size = notifications / 5;
      return Array.from({ length: 10 }, (_, part) => records.slice(part * size, (part + 1) * size));
    };
    await Promise.all([
      ...parts('web-1').map((records) => one.store.write(records)),
      ...parts('web-2').map((records) => two.store.write(records)),
    ]);
    await Promise.all([one.runner.runDue(), two.runner.runDue()]);
    assert.equal(server.delivered.length, notifications);
    assert.equal(new Set(server.delivered.map(({ mail }) => mail.messageId)).size, notifications);
    assert.deepEqual(await one.store.notifications.outboxCounts(), { waiting: 0, dead: 0 });
    assert.deepEqual([...one.warnings, ...two.warnings], []);
  });

  test('what one stores, the other sends by itself, since it polls every few seconds', async () => {
    const arrived = Promise.withResolvers<void>();
    await using server = await MailServer.start(onArrival(arrived));
    const place = (await postgres?.fresh()) ?? assert.fail();
    await using writing = await openTestPortal(place, { mailTo: ['ops@example.com'] });
    await using sending = await openTestPortal(place, { smtp: server.url(), mailTo: ['ops@example.com'] });
    sending.runner.start();
    const { store } = writing;
    await store.write([sent(crashRecord('c1', START_MS)), sent(captureRecord('c1', START_MS))]);
    await arrived.promise;
    assert.equal(server.delivered.length, 1);
  });
});

test('what is stored is sent at once by the process that stored it', async () => {
  const arrived = Promise.withResolvers<void>();
  await using server = await MailServer.start(onArrival(arrived));
  const place = (await both.places[0]?.fresh()) ?? assert.fail();
  await using portal = await openTestPortal(place, { smtp: server.url(), mailTo: ['ops@example.com'] });
  portal.runner.start();
  const { store } = portal;
  await store.write([sent(crashRecord('c1', START_MS)), sent(captureRecord('c1', START_MS))]);
  await arrived.promise;
  assert.equal(server.delivered.length, 1);
});
