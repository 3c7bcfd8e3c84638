import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { MailServer, reply } from '../../notify/mail-server.ts';
import { crashmon } from '../../support/crashmon.ts';
import { captureRecord, crashRecord, redactedReport } from '../../support/portal/records.ts';
import { agentRequest, sendLogs } from '../../support/portal/send-logs.ts';
import { newToken, startPortalProcess, withStore } from '../../support/portal/start-portal.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const PASSWORD = 'correct horse';

const run = (stateDir: string, args: readonly string[], env: Record<string, string> = {}) =>
  crashmon(['portal', 'notify', 'test', ...args], { stateDir, env, deadlineMs: 120_000 });

test('a test message says what became of it for each receiver', async () => {
  await using directory = await temporaryDirectory('notify-verb');
  await using server = await MailServer.start({
    authMethods: ['PLAIN', 'LOGIN'],
    onAuth: ({ username = '', password }, _session, done) =>
      done(password === PASSWORD ? null : reply(535, '5.7.8 no'), { user: username }),
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('gone') ? reply(550, '5.1.1 no such user') : null),
  });
  const file = path.join(directory.path, 'password');
  writeFileSync(file, `${PASSWORD}\n`);
  const mail = ['--smtp', `smtp://crashmon@localhost:${server.port}`, '--mail-from', 'crashmon@example.com'];
  const place = ['--data-dir', directory.path];
  const to = ['--to', 'ada@example.com', 'gone@example.com'];
  const sent = await run(directory.path, [...mail, '--smtp-password-file', file, ...place, ...to]);
  assert.match(sent.stderr, /^crashmon: The portal has not started yet, .*--public-url\.\n$/);
  assert.equal(
    sent.stdout,
    'ada@example.com: accepted.\ngone@example.com: failed. The mail server replied: 550 5.1.1 no such user\n',
  );
  assert.equal(sent.code, 1);
  assert.equal(server.delivered[0]?.user, 'crashmon');

  await withStore({ dataDir: directory.path }, async (store) => {
    const target = { type: 'mail' as const, address: 'ops@example.com', preset: null, secret: null };
    await store.notifications.addTarget('shop', target, 'ada', Date.now());
  });
  const env = {
    CRASHMON_SMTP: mail[1] ?? '',
    CRASHMON_SMTP_PASSWORD: PASSWORD,
    CRASHMON_MAIL_FROM: 'crashmon@example.com',
  };
  const tested = await run(directory.path, ['--app', 'shop', '--json', ...place], env);
  assert.deepEqual(JSON.parse(tested.stdout), [
    { receiver: 'ops@example.com', outcome: 'delivered', why: null },
  ]);
  assert.equal(tested.code, 0);
  assert.match(server.delivered[1]?.mail.subject ?? '', /^Test notification from Crashmon for shop/);
});

test('crashmon portal, started with a mail server, reports a crash that an agent sends', async () => {
  await using directory = await temporaryDirectory('notify-portal');
  const arrived = Promise.withResolvers<void>();
  await using server = await MailServer.start({
    onData(_stream, _session, done) {
      done();
      arrived.resolve();
    },
  });
  const place = { dataDir: directory.path };
  const token = await withStore(place, (store) => newToken(store, 'shop'));
  const mail = ['--smtp', `smtp://localhost:${server.port}`, '--mail-from', 'crashmon@example.com'];
  await using portal = await startPortalProcess(place, { args: [...mail, '--mail-to', 'ops@example.com'] });
  const uid = '01890a5d-ac96-774b-bcce-b302099a8057';
  const now = Date.now();
  const report = { ...redactedReport('c0ffee12'), hold: { ms: 1 } };
  const records = [
    crashRecord(uid, now, { crashId: 'c0ffee12' }),
    captureRecord(uid, now, { uid: `${uid.slice(0, -1)}b`, report }),
  ];
  assert.equal((await sendLogs({ url: portal.url, token }, agentRequest(records))).status, 200);
  await arrived.promise;
  const [first] = server.delivered;
  assert.equal(first?.mail.subject, 'Your app, shop, crashed because of an uncaught TypeError');
  assert.ok(first?.mail.text?.includes(`${portal.url}/apps/shop/signatures/`));
});
