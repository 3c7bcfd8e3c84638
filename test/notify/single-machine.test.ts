import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { crashmon, MAIN } from '../support/crashmon.ts';
import { freePort } from '../support/free-port.ts';
import { assertNothingLeft, processesMarked } from '../support/leftovers.ts';
import { rounds } from '../support/rounds.ts';
import { runProgram } from '../support/run-program.ts';
import { seededRandom } from '../support/seed.ts';
import { stateDirectory } from '../support/state-directory.ts';
import { type Delivered, MailServer, reply } from './mail-server.ts';
import { crash, crashCodes, notifiers, runNotified, STAYS } from './run-notified.ts';
import { answer, WebhookReceiver } from './webhook-receiver.ts';

const random = seededRandom();

const PASSWORD = 'swordfish-of-the-mail-server';
const SECRET = 'a-secret-of-the-webhook';

const kindOf = ({ mail }: Delivered) => /^<crashmon\.(\w+)\./.exec(mail.messageId ?? '')?.[1];
const isKind = (kind: string) => (delivered: Delivered) => kindOf(delivered) === kind;

describe('one machine without a portal', { concurrency: 4 }, () => {
  test('reports a crash with its call stack, and its end, in one thread', async () => {
    await using state = await stateDirectory();
    await using server = await MailServer.start({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, done) =>
        username === 'mona' && password === PASSWORD
          ? done(null, { user: 'mona' })
          : done(reply(535, 'no such user')),
    });
    await using receiver = await WebhookReceiver.start(answer(200));
    const file = join(state.path, 'webhook-secret');
    writeFileSync(file, `${SECRET}\n`);
    const options = ['--notify', `smtp://mona@localhost:${server.port}`, '--notify-quiet', '6s'];
    const webhook = ['--webhook', receiver.url(), '--webhook-allow-private', '--webhook-secret-file', file];
    const privateFacts = { CANARY: 'canary-environment', CRASHMON_SMTP_PASSWORD: PASSWORD };
    await using app = runNotified(state.path, server, {
      options: [...options, ...webhook],
      env: privateFacts,
    });
    await app.waitForLine('stdout', /ready/);
    for (const { pid, commandLine } of processesMarked(state.path)) {
      assert.ok(!commandLine.includes(PASSWORD) && !commandLine.includes('s3cret-address'), commandLine);
      if (pid === app.pid) continue;
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      assert.ok(!environment.includes(PASSWORD) && !environment.includes('s3cret-address'), commandLine);
    }
    for (let number = 0; number < 5; number++) await crash(app);

    const opened = await server.mail(isKind('opened'));
    assert.equal(opened.user, 'mona');
    assert.equal(opened.mail.subject, 'Your app, shop, crashed because of an uncaught TypeError');
    for (const body of [opened.mail.text ?? '', opened.mail.html || '']) {
      assert.match(body, /(?:It crashed|It has crashed (?:twice|\d+ times)) on web-1/);
      assert.match(body, /Call stack of the crash/);
      assert.match(body, /\[eval\]:\d+:\d+/);
      assert.match(body, /Caused by: Error/);
    }
    const recovered = await server.mail(isKind('recovered'));
    assert.equal(recovered.mail.inReplyTo, opened.mail.messageId);
    assert.match(recovered.mail.subject ?? '', /is stable again after 5 crashes/);
    await app.waitForLine(
      'stderr',
      /notification sent: Your app, shop, is stable again.*the webhook at 127\.0\.0\.1/,
    );
    const { stdout } = await crashmon(['status', '--json'], { stateDir: state.path });
    const [{ notify }] = JSON.parse(stdout).apps;
    assert.deepEqual(
      [notify.receivers, notify.waiting, notify.givenUp, notify.problem],
      [['ops@example.com', 'the webhook at 127.0.0.1'], 0, 0, null],
    );
    app.kill('SIGTERM');
    await app.exited;

    assert.deepEqual(server.delivered.map(kindOf), ['opened', 'recovered']);
    assert.deepEqual(
      receiver.posted.map(({ body }) => JSON.parse(body).kind),
      ['opened', 'recovered'],
    );
    for (const { headers, body } of receiver.posted) {
      const [, time = '', made] = /^t=(\d+),v1=(.+)$/.exec(`${headers['x-crashmon-signature']}`) ?? [];
      assert.equal(made, createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex'));
    }
    const sent = [...server.delivered.map(({ raw }) => raw), ...receiver.posted.map(({ body }) => body)].join(
      '\n',
    );
    assert.ok(!sent.includes('canary') && !sent.includes(state.path) && !sent.includes(PASSWORD));
    await assertNothingLeft(state.path);
  });

  test('reports when it gets worse; what a server deferred arrives when it is back', async () => {
    await using state = await stateDirectory();
    const port = await freePort();
    const flag = join(state.path, 'crash-loop');
    // Standard error is not read: each crash would have its report.
    const script = `
      const { appendFileSync, existsSync, statSync } = require('node:fs');
      const { FLAG } = process.env;
      const isNext = () => { appendFileSync(FLAG, 'x'); return statSync(FLAG).size <= 40; };
      process.stdin.once('data', () => process.exit(70));
      setInterval(() => { if (existsSync(FLAG) && isNext()) process.exit(70); }, 20);
      console.log('ready');`;
    const options = ['--restart-delay-max', '10ms', '--notify-wait', '0', '--no-stderr-tap'];
    await using app = runNotified(state.path, { port }, { script, options, env: { FLAG: flag } });
    await app.waitForLine('stdout', /ready/);
    await crash(app);
    await app.waitForLine(
      'stderr',
      /A notification to ops@example\.com could not be delivered yet.*refused the connection/,
    );
    const { stdout } = await crashmon(['status'], { stateDir: state.path });
    assert.match(
      stdout.replaceAll(/\s+/g, ' '),
      /notifications are sent to ops@example\.com: none delivered yet, \d waiting\. The mail server refused the connection/,
    );
    writeFileSync(flag, '');
    await using server = await MailServer.start({}, port);
    const escalated = await server.mail(isKind('escalated'));
    assert.match(escalated.mail.subject ?? '', /crashes more often.*exit code 70/);
    const opened = await server.mail(isKind('opened'));
    assert.equal(escalated.mail.inReplyTo, opened.mail.messageId);
    app.kill('SIGTERM');
    await app.exited;
    assert.equal(server.delivered.length, 2);
    await assertNothingLeft(state.path);
  });

  test('reports the last crash also if crashmon ends with it, and waits for its call stack', async () => {
    await using state = await stateDirectory();
    await using server = await MailServer.start();
    const options = ['--arm-after', '0', '--restart', 'never'];
    await using app = runNotified(state.path, server, { options });
    await app.waitForLine('stdout', /ready/);
    app.stdin.write('now\n');
    assert.equal((await app.exited).code, 1);
    const { mail } = await server.mail(isKind('opened'));
    assert.match(mail.text ?? '', /Call stack of the crash/);
    await assertNothingLeft(state.path);
  });

  test('as the first process of a container, reports before it ends', async () => {
    await using state = await stateDirectory();
    await using server = await MailServer.start();
    const args = [
      'run',
      '--name',
      'shop',
      '--instance',
      'web-1',
      '--restart',
      'never',
      '--no-debugger',
      '--notify-wait',
      '0',
    ];
    const mail = ['--notify', `smtp://127.0.0.1:${server.port}`, '--mail-to', 'ops@example.com'];
    const worker = ['--', process.execPath, '-e', 'process.exit(70)'];
    const { code } = await runProgram(
      'unshare',
      [
        '--map-root-user',
        '--pid',
        '--fork',
        '--mount-proc',
        process.execPath,
        MAIN,
        ...args,
        ...mail,
        ...worker,
      ],
      { env: { CRASHMON_STATE_DIR: state.path } },
    );
    assert.equal(code, 70);
    // On a slow machine the mail may be on its way still, and is then the next crashmon's.
    if (server.delivered.length === 0) {
      await using app = runNotified(state.path, server, { script: STAYS });
      await server.mail(isKind('opened'));
      app.kill('SIGTERM');
      await app.exited;
    }
    assert.deepEqual(server.delivered.map(kindOf), ['opened']);
    await assertNothingLeft(state.path);
  });

  test('reports a crash loop of another supervisor, with few notifiers', async () => {
    await using state = await stateDirectory();
    await using server = await MailServer.start();
    const options = ['--restart', 'never', '--notify-wait', '0', '--no-stderr-tap'];
    let most = 0;
    for (let round = 0; round < 6; round++) {
      await using app = runNotified(state.path, server, { script: 'process.exit(70)', options });
      await app.exited;
      most = Math.max(most, notifiers(state.path).length);
    }
    const { mail } = await server.mail(isKind('opened'));
    assert.match(mail.subject ?? '', /exit code 70/);
    assert.ok(most <= 4, `${most} processes at a time`);
    await assertNothingLeft(state.path);
    assert.equal(server.delivered.length, 1);
  });

  test('whenever crashmon or the notifier is killed: every crash is reported, once or as the same mail', async () => {
    await using state = await stateDirectory();
    await using server = await MailServer.start({
      onRcptTo: (_address, _session, done) => void setTimeout(done, random() * 400),
      onData: (_stream, _session, done) => void setTimeout(done, random() * 400),
    });
    const options = [
      '--arm-after',
      '999',
      '--restart-delay',
      '1h',
      '--restart-delay-max',
      '1h',
      '--notify-wait',
      '0',
      '--no-stderr-tap',
    ];
    const lives = rounds(2);
    for (let round = 0; round < lives; round++) {
      // Each exit code is an episode of its own.
      const script = `process.exit(${40 + round})`;
      await using app = runNotified(state.path, server, { script, options });
      await app.waitForLine('stderr', /crashed after|exited unexpectedly/);
      await delay(random() * 4_000);
      for (const pid of random() < 0.7 ? notifiers(state.path) : []) kill(pid);
      app.kill('SIGKILL');
      await app.exited;
    }
    await using app = runNotified(state.path, server, { script: STAYS, options });
    const codes = crashCodes(state.path);
    assert.ok(codes.size >= lives, `${codes.size} codes`);
    for (const code of codes)
      await server.mail(({ mail }) => mail.subject?.endsWith(`code ${code}`) === true);
    app.kill('SIGTERM');
    await app.exited;
    const ids = new Map<string, Set<string>>();
    for (const { mail } of server.delivered) {
      const subject = mail.subject ?? '';
      ids.set(subject, new Set([...(ids.get(subject) ?? []), mail.messageId ?? '']));
    }
    assert.deepEqual(
      [...ids.values()].map(({ size }) => size),
      new Array(codes.size).fill(1),
    );
    await assertNothingLeft(state.path);
  });
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}
