import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashmon } from '../support/crashmon.ts';
import { freePort } from '../support/free-port.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { selfSigned } from './certificate.ts';
import { MailServer, reply } from './mail-server.ts';
import { answer, WebhookReceiver } from './webhook-receiver.ts';

type Found = { result: string; message: string };

/** What doctor says about notifications. */
async function doctor(args: readonly string[], env: Record<string, string> = {}): Promise<Found[]> {
  await using state = await temporaryDirectory('doctor-notify');
  const { stdout } = await crashmon(['doctor', '--json', ...args], {
    stateDir: state.path,
    env: { CRASHMON_DEBUGGER: 'off', ...env },
  });
  const { checks } = JSON.parse(stdout) as { checks: (Found & { check: string })[] };
  return checks.flatMap(({ check, result, message }) => (check === 'notify' ? [{ result, message }] : []));
}

const mail = (port: number, more = '') => [
  ...['--notify', `smtp://${more}localhost:${port}`],
  ...['--mail-to', 'ops@example.com', '--mail-from', 'crashmon@example.com'],
];

test('doctor says what a mail server answers, and sends nothing', async () => {
  const certificate = await selfSigned();
  await using open = await MailServer.start();
  await using strict = await MailServer.start({
    ...certificate,
    authOptional: false,
    onAuth: ({ password }, _session, done) =>
      password === 'right' ? done(null, { user: 'mona' }) : done(reply(535, 'no')),
  });
  assert.deepEqual(await doctor(mail(open.port)), [
    {
      result: 'ok',
      message: `The mail server localhost, port ${open.port} responds (not encrypted); the sender is crashmon@example.com.`,
    },
  ]);
  const [untrusted] = await doctor(mail(strict.port));
  assert.match(untrusted?.message ?? '', /certificate/);
  const unverified = ['--notify', `smtp://mona@localhost:${strict.port}?verify=no`, ...mail(0).slice(2)];
  const [right] = await doctor(unverified, { CRASHMON_SMTP_PASSWORD: 'right' });
  assert.match(right?.message ?? '', /responds \(encrypted, user name and password accepted\)/);
  const [wrong] = await doctor(unverified, { CRASHMON_SMTP_PASSWORD: 'wrong' });
  assert.match(wrong?.message ?? '', /rejected the user name or password/);
  const [unreachable] = await doctor(mail(await freePort()));
  assert.deepEqual(
    [unreachable?.result, /refused the connection/.test(unreachable?.message ?? '')],
    ['warning', true],
  );
  assert.equal(open.delivered.length + strict.delivered.length, 0);
});

test('doctor --send-test sends one test message to each receiver', async () => {
  await using server = await MailServer.start({
    onRcptTo: ({ address }, _session, done) =>
      address.startsWith('gone') ? done(reply(550, 'no such user')) : done(),
  });
  await using receiver = await WebhookReceiver.start(answer(200));
  const webhook = ['--webhook', receiver.url(), '--webhook-allow-private', '--webhook-preset', 'slack'];
  const found = await doctor([
    ...mail(server.port),
    '--mail-to',
    'gone@example.com',
    ...webhook,
    '--send-test',
  ]);
  assert.deepEqual(found, [
    { result: 'ok', message: 'A test message was sent to ops@example.com.' },
    {
      result: 'warning',
      message: 'Could not send a test message to gone@example.com. The mail server replied: 550 no such user',
    },
    { result: 'ok', message: 'A test message was sent to the webhook at 127.0.0.1.' },
  ]);
  assert.match(server.delivered[0]?.mail.subject ?? '', /^Test notification from Crashmon/);
  assert.equal(receiver.posted.length, 1);
  const [none] = await doctor(['--send-test']);
  assert.deepEqual(none, { result: 'warning', message: 'No recipient for a test notification.' });
});
