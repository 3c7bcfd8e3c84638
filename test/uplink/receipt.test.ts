import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { OtlpLogRecord, OtlpLogsRequest } from '../../src/formats/otlp/otlp-json.ts';
import { MailServer } from '../notify/mail-server.ts';
import { answer, WebhookReceiver } from '../notify/webhook-receiver.ts';
import { crashmon } from '../support/crashmon.ts';
import { untilNoneMarked } from '../support/leftovers.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { storedExits } from '../support/stored-exits.ts';
import { answer as answerLogs, Receiver, take } from '../support/telemetry/receiver.ts';
import { crash, runApp } from './run-app.ts';

type Sent = { what: string; destination: string; times: number; outcome: string | null; content: string };

const ABOUT_CRASHES = ['app.crash', 'crashmon.capture', 'crashmon.back'];

test('a receipt is what was sent about the crash, byte for byte, and nothing else was', async () => {
  await using state = await stateDirectory();
  await using receiver = await Receiver.start();
  await using mails = await MailServer.start();
  await using hooks = await WebhookReceiver.start(answer(200));
  const mail = ['--notify', `smtp://127.0.0.1:${mails.port}`, '--mail-to', 'ops@example.com'];
  const hook = ['--webhook', hooks.url(), '--webhook-allow-private'];
  const options = ['--arm-after', '0', '--cooldown', '1ms', ...mail, ...hook];
  // The first request arrives, and is not answered well: what is in it is sent again.
  receiver.behave = (request, response) => {
    receiver.behave = take;
    return answerLogs(503, { 'retry-after': '0' })(request, response);
  };
  await using app = runApp(state.path, receiver, { options });
  await app.waitForLine('stdout', /ready/);
  await crash(app);
  await receiver.record('capture');
  await mails.mail(() => true);
  while (hooks.posted.length === 0) await delay(20);
  await crash(app);
  await receiver.until(({ taken }) => taken.filter(({ type }) => type === 'capture').length === 2);
  app.kill('SIGTERM');
  await app.exited;
  await untilNoneMarked(state.path);

  const receipts = await Promise.all(
    storedExits(state.path)
      .filter(({ verdict }) => verdict.counted)
      .map(async ({ id }) => {
        const { stdout } = await crashmon(['receipt', id, '--json'], { stateDir: state.path });
        return JSON.parse(stdout) as { id: string; sent: Sent[]; complete: boolean; waiting: number };
      }),
  );
  assert.deepEqual(
    receipts.map(({ complete, waiting }) => ({ complete, waiting })),
    receipts.map(() => ({ complete: true, waiting: 0 })),
  );
  const sent = receipts.flatMap((receipt) => receipt.sent);
  const records = receiver.requests.flatMap(({ text }) => logRecords(JSON.parse(text)));
  const aboutCrashes = records.filter(({ eventName }) => ABOUT_CRASHES.includes(eventName));
  assert.deepEqual(
    sent
      .filter(({ what }) => ABOUT_CRASHES.includes(what))
      .flatMap(({ content, times }) => new Array(times).fill(content))
      .toSorted(),
    aboutCrashes.map((record) => JSON.stringify(record)).toSorted(),
  );
  assert.ok(sent.every(({ outcome }) => outcome === 'accepted'));
  const contents = (what: string) =>
    new Set(sent.filter((each) => each.what === what).map(({ content }) => content));
  assert.deepEqual(contents('mail'), new Set(mails.delivered.map(({ raw }) => raw)));
  assert.deepEqual(contents('webhook'), new Set(hooks.posted.map(({ body }) => body)));
  const shown = sent.map(({ destination }) => destination).join(' ');
  assert.ok(!shown.includes('s3cret-address'), shown);

  const { stdout } = await crashmon(['receipt', receipts[0]?.id ?? ''], { stateDir: state.path });
  assert.match(stdout, /^1\. Record of the crash \(\d+(?:\.\d)? KB\)$/m);
  assert.match(stdout, /^ {4}Exit code: 1$/m);
  assert.match(stdout, /^ {4}Report: frames\[0\]\.line: 1$/m);
  assert.match(stdout, /Nothing else about this crash left this machine through crashmon\./);
});

test('what could not be sent has no receipt', async () => {
  await using state = await stateDirectory();
  await using app = runApp(state.path, { url: 'http://127.0.0.1:9' }, { options: ['--arm-after', '9'] });
  await app.waitForLine('stdout', /ready/);
  await crash(app);
  app.kill('SIGTERM');
  await app.exited;
  const [, exit] = storedExits(state.path);
  const { stdout } = await crashmon(['receipt', exit?.id ?? ''], { stateDir: state.path });
  assert.match(
    stdout,
    /Nothing about this crash left this machine through crashmon\.\nWaiting to be sent: \d records?\./,
  );
  await untilNoneMarked(state.path);
});

function logRecords({ resourceLogs }: OtlpLogsRequest): OtlpLogRecord[] {
  return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs).flatMap(({ logRecords: each }) => each);
}
