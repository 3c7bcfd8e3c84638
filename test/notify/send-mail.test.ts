import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import type { SMTPServerOptions } from 'smtp-server';
import { composeMail, type Mail } from '../../src/notify/mail/compose-mail.ts';
import { sendMail } from '../../src/notify/mail/send-mail.ts';
import { parseSmtpUrl } from '../../src/notify/mail/smtp-server.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { selfSigned } from './certificate.ts';
import { hostileNotification } from './hostile-notification.ts';
import { MailServer, rawServer, reply } from './mail-server.ts';
import { CRASH_NOTIFICATIONS, crashNotification } from './sample-notifications.ts';

const HEADERS = [
  'auto-submitted',
  'content-type',
  'date',
  'from',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'message-id',
  'mime-version',
  'subject',
  'to',
  'x-auto-response-suppress',
];
const PASSWORD = 'correct horse/battery%staple';

function mail(
  more: Partial<Parameters<typeof composeMail>[1]> = {},
  notification: Notification = crashNotification(),
): Mail {
  return composeMail(notification, {
    from: 'Crashmon <crashmon@example.com>',
    to: ['ops@example.com'],
    unsubscribeUrl: 'https://crashes.example.com/unsubscribe/abc',
    ...more,
  });
}

describe('a mail that arrives', () => {
  test('is what was composed, as a mail program reads it', async () => {
    await using server = await MailServer.start();
    const sent = mail({ to: ['Die Bereitschaft für alles <ops@example.com>', 'dev@example.com'] });
    assert.deepEqual(await sendMail(sent, server.url()), {
      accepted: ['ops@example.com', 'dev@example.com'],
      retry: [],
      failed: [],
    });
    const [{ mail: got, from, to, raw } = assert.fail()] = server.delivered;
    assert.equal(got.subject, 'Your app, shop, crashed because of an uncaught TypeError');
    assert.equal(got.from?.text, '"Crashmon" <crashmon@example.com>');
    assert.equal(from, 'crashmon@example.com');
    assert.deepEqual(to, ['ops@example.com', 'dev@example.com']);
    assert.equal(got.messageId, sent.messageId);
    assert.equal(got.date?.getTime(), crashNotification().atMs);
    assert.equal(got.text?.trimEnd(), sent.text.trimEnd());
    assert.equal(String(got.html).trim(), sent.html.trim());
    assert.equal(got.headers.get('auto-submitted'), 'auto-generated');
    assert.match(raw, /^List-Unsubscribe: <https:\/\/crashes\.example\.com\/unsubscribe\/abc>\r$/m);
    assert.match(raw, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    assert.ok(!/[^\r]\n/.test(raw), 'every line ends as SMTP wants it');
    assert.ok(Math.max(...raw.split('\r\n').map((line) => line.length)) <= 998);
  });

  test('is of one thread with the others of its episode, and the same mail when it is sent again', async () => {
    await using server = await MailServer.start();
    const first = mail();
    const recovered = mail({}, CRASH_NOTIFICATIONS.recovered);
    for (const each of [first, first, recovered]) await sendMail(each, server.url());
    const [a, b, c] = server.delivered.map(({ mail: got }) => got);
    assert.equal(a?.messageId, b?.messageId);
    assert.notEqual(c?.messageId, a?.messageId);
    assert.equal(c?.inReplyTo, a?.messageId);
    assert.equal(c?.references, a?.messageId);
    assert.equal(a?.inReplyTo, undefined);
  });

  test('has no sender on the envelope where that is asked for', async () => {
    await using server = await MailServer.start();
    await sendMail(mail({ returnPath: '' }), server.url());
    await sendMail(mail({ returnPath: 'bounces@example.com' }), server.url());
    assert.deepEqual(
      server.delivered.map(({ from }) => from),
      ['', 'bounces@example.com'],
    );
  });

  test('has the headers that it is to have and no other, whatever the names are', async () => {
    await using server = await MailServer.start();
    await fc.assert(
      fc.asyncProperty(hostileNotification, async ({ hostile }) => {
        await sendMail(mail({}, hostile), server.url());
        const { raw, mail: got, to } = server.delivered.pop() ?? assert.fail('nothing came');
        const names = raw
          .slice(0, raw.indexOf('\r\n\r\n'))
          .split('\r\n')
          .filter((line) => !/^[ \t]/.test(line))
          .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
        const thread = got.inReplyTo === undefined ? [] : ['in-reply-to', 'references'];
        assert.deepEqual(names.toSorted(), [...HEADERS, ...thread].toSorted());
        assert.deepEqual(to, ['ops@example.com']);
        assert.ok(raw.split('\r\n').every((line) => line.length <= 998));
      }),
      { numRuns: 25 },
    );
  });

  test('has a long address for unsubscribing in one piece', async () => {
    await using server = await MailServer.start();
    const unsubscribeUrl = `https://crashes.example.com/unsubscribe/${'a1-'.repeat(200)}?app=${'%C3%A9'.repeat(40)}`;
    await sendMail(mail({ unsubscribeUrl }), server.url());
    const { raw } = server.delivered[0] ?? assert.fail('nothing came');
    const [, header = ''] = /^List-Unsubscribe:((?:.*\r\n)(?:[ \t].*\r\n)*)/m.exec(raw) ?? [];
    assert.equal(header.replaceAll(/\r\n(?=[ \t])/g, '').trim(), `<${unsubscribeUrl}>`);
  });

  test('is never sent without recipients', async () => {
    const nowhere = parseSmtpUrl('smtp://127.0.0.1:1');
    assert.deepEqual(await sendMail(mail({ to: [] }), nowhere), { accepted: [], retry: [], failed: [] });
  });
});

describe('encryption', () => {
  test('is used where it is offered', async () => {
    const certificate = await selfSigned();
    await using server = await MailServer.start(certificate);
    const outcome = await sendMail(mail(), server.url(), { ca: certificate.cert });
    assert.deepEqual(outcome.accepted, ['ops@example.com']);
    assert.equal(server.delivered[0]?.encrypted, true);
  });

  test('from the first byte', async () => {
    const certificate = await selfSigned();
    await using server = await MailServer.start({ ...certificate, secure: true });
    const outcome = await sendMail(mail(), parseSmtpUrl(`smtps://localhost:${server.port}`), {
      ca: certificate.cert,
    });
    assert.deepEqual(outcome.accepted, ['ops@example.com']);
    assert.equal(server.delivered[0]?.encrypted, true);
  });

  test('with an untrusted certificate sends nothing, unless that is allowed', async () => {
    const certificate = await selfSigned();
    await using server = await MailServer.start(certificate);
    const outcome = await sendMail(mail(), server.url());
    assert.match(outcome.retry[0]?.why ?? '', /certificate/);
    assert.equal(server.delivered.length, 0);
    assert.equal((await sendMail(mail(), server.url('?verify=no'))).accepted.length, 1);
    assert.equal(server.delivered[0]?.encrypted, true);
  });

  test('that is required and not offered sends nothing', async () => {
    await using server = await MailServer.start();
    const outcome = await sendMail(mail(), server.url('?starttls=require'));
    assert.equal(outcome.retry.length, 1);
    assert.equal(server.delivered.length, 0);
  });
});

describe('a password', () => {
  const checking: SMTPServerOptions = {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) => {
      if (auth.username === 'mona' && auth.password === PASSWORD) return done(null, { user: 'mona' });
      done(reply(535, `no: ${auth.password} ${Buffer.from(auth.password ?? '').toString('base64')}`));
    },
  };

  test('that is right', async () => {
    await using server = await MailServer.start(checking);
    const outcome = await sendMail(mail(), server.url('', `mona:${encodeURIComponent(PASSWORD)}@`));
    assert.equal(outcome.accepted.length, 1);
    assert.equal(server.delivered[0]?.user, 'mona');
  });

  test('that is wrong may be corrected later, and is nowhere in what is said of it', async () => {
    await using server = await MailServer.start(checking);
    const to = server.url('', 'mona:swordfish@');
    const outcome = await sendMail(mail(), to);
    assert.match(outcome.retry[0]?.why ?? '', /user name or password \(535\)/);
    assert.doesNotMatch(inspect([outcome, to], { depth: 9 }) + JSON.stringify([outcome, to]), /swordfish/);
    assert.equal(server.delivered.length, 0);
  });

  test('that was forgotten', async () => {
    await using server = await MailServer.start(checking);
    const outcome = await sendMail(mail(), server.url());
    assert.match(outcome.retry[0]?.why ?? '', /user name or password \(530\)/);
  });

  test('that a server echoes does not come into what is said', async () => {
    await using server = await MailServer.start({
      ...checking,
      onRcptTo: (_address, _session, done) => done(reply(550, `no ${PASSWORD} here`)),
    });
    const outcome = await sendMail(mail(), server.url('', `mona:${encodeURIComponent(PASSWORD)}@`));
    assert.equal(outcome.failed.length, 1);
    assert.ok(!JSON.stringify(outcome).includes(PASSWORD));
  });
});

describe('refusals', () => {
  const judging: SMTPServerOptions = {
    onRcptTo: ({ address }, _session, done) => {
      if (address.startsWith('gone')) return done(reply(550, '5.1.1 no such user'));
      if (address.startsWith('full')) return done(reply(452, '4.2.2 mailbox full'));
      done();
    },
  };

  test('are reported by recipient', async () => {
    await using server = await MailServer.start(judging);
    const to = ['gone@example.com', 'ops@example.com', 'full@example.com'];
    const outcome = await sendMail(mail({ to }), server.url());
    assert.deepEqual(outcome, {
      accepted: ['ops@example.com'],
      retry: [{ address: 'full@example.com', why: 'The mail server replied: 452 4.2.2 mailbox full' }],
      failed: [{ address: 'gone@example.com', why: 'The mail server replied: 550 5.1.1 no such user' }],
    });
    assert.deepEqual(server.delivered[0]?.to, ['ops@example.com']);
  });

  test('of all recipients are reported by recipient too', async () => {
    await using server = await MailServer.start(judging);
    const outcome = await sendMail(mail({ to: ['gone@example.com', 'full@example.com'] }), server.url());
    assert.deepEqual(
      [outcome.retry, outcome.failed].map((group) => group.map(({ address }) => address)),
      [['full@example.com'], ['gone@example.com']],
    );
    assert.equal(server.delivered.length, 0);
  });

  test('of a greylist end when it is tried again', async () => {
    const seen = new Set<string>();
    await using server = await MailServer.start({
      onRcptTo: ({ address }, _session, done) => {
        if (seen.has(address)) return done();
        seen.add(address);
        done(reply(451, '4.7.1 greylisted, try again later'));
      },
    });
    const sent = mail();
    const first = await sendMail(sent, server.url());
    assert.deepEqual(
      first.retry.map(({ address }) => address),
      ['ops@example.com'],
    );
    assert.deepEqual((await sendMail(sent, server.url())).accepted, ['ops@example.com']);
    assert.equal(server.delivered.length, 1);
  });

  for (const [code, group] of [
    [554, 'failed'],
    [451, 'retry'],
  ] as const) {
    test(`of what the mail holds: ${code}`, async () => {
      await using server = await MailServer.start({
        onData: (_stream, _session, done) => done(reply(code, 'not this mail')),
      });
      const outcome = await sendMail(mail(), server.url());
      assert.deepEqual(outcome[group], [
        { address: 'ops@example.com', why: `The mail server replied: ${code} not this mail` },
      ]);
      assert.equal(outcome.accepted.length, 0);
    });
  }
});

describe('a line that breaks', () => {
  test('in the middle of the mail: it is to be sent again', async () => {
    await using broken = await rawServer((socket) =>
      converse(socket, (line) => {
        if (line.startsWith('Subject:')) socket.destroy();
      }),
    );
    const outcome = await sendMail(mail(), broken.server);
    assert.deepEqual(
      outcome.retry.map(({ address }) => address),
      ['ops@example.com'],
    );
    assert.deepEqual([outcome.accepted, outcome.failed], [[], []]);
  });

  test('after the mail and before the receipt: it is to be sent again', async () => {
    let whole = false;
    await using broken = await rawServer((socket) =>
      converse(socket, (line) => {
        if (line !== '.') return;
        whole = true;
        socket.destroy();
      }),
    );
    const outcome = await sendMail(mail(), broken.server);
    assert.ok(whole);
    assert.equal(outcome.retry.length, 1);
    assert.match(outcome.retry[0]?.why ?? '', /closed|failed/);
  });

  test('after the receipt: it was taken', async () => {
    await using broken = await rawServer((socket) =>
      converse(socket, (line) => {
        if (line === '.') socket.end('250 taken\r\n');
      }),
    );
    assert.deepEqual((await sendMail(mail(), broken.server)).accepted, ['ops@example.com']);
  });

  test('no server', async () => {
    const gone = await rawServer(() => {});
    await gone[Symbol.asyncDispose]();
    const { server } = gone;
    const outcome = await sendMail(mail(), server);
    assert.deepEqual(outcome.retry, [
      { address: 'ops@example.com', why: 'The mail server refused the connection.' },
    ]);
  });
});

describe('a server that is slow', () => {
  test('to greet', async () => {
    await using slow = await rawServer(() => {});
    const outcome = await sendMail(mail(), slow.server, { timeoutMs: 200 });
    assert.deepEqual(outcome.retry, [
      { address: 'ops@example.com', why: 'The mail server did not answer in time.' },
    ]);
  });

  test('and says something now and then, but never what matters', async () => {
    await using slow = await rawServer((socket) => {
      socket.write('220-wait\r\n');
      const timer = setInterval(() => socket.write('220-wait\r\n'), 20);
      socket.once('close', () => clearInterval(timer));
    });
    const outcome = await sendMail(mail(), slow.server, { timeoutMs: 300 });
    assert.equal(outcome.retry.length, 1);
  });

  test('to take the mail', async () => {
    await using slow = await rawServer((socket) => converse(socket, () => {}));
    const outcome = await sendMail(mail(), slow.server, { timeoutMs: 400 });
    assert.equal(outcome.retry[0]?.why, 'The mail server did not answer in time.');
  });

  test('and a caller who has enough of it', async () => {
    const enough = new AbortController();
    await using slow = await rawServer(() => enough.abort());
    const outcome = await sendMail(mail(), slow.server, { signal: enough.signal });
    assert.equal(outcome.retry[0]?.why, 'Sending was interrupted.');
  });

  test('or speaks no SMTP', async () => {
    await using other = await rawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const outcome = await sendMail(mail(), other.server);
    assert.equal(outcome.retry.length, 1);
  });
});

/** Says yes to everything up to the mail itself, each of whose lines `onLine` gets. */
function converse(socket: Socket, onLine: (line: string) => void): void {
  let inMail = false;
  let rest = '';
  socket.write('220 here\r\n');
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (inMail) onLine(line);
      else if (line === 'DATA') {
        inMail = true;
        socket.write('354 go on\r\n');
      } else socket.write('250 yes\r\n');
    }
  });
}
