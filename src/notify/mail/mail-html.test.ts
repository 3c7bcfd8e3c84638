import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hostileNotification } from '../../../test/notify/hostile-notification.ts';
import {
  CRASH_NOTIFICATIONS,
  crashNotification,
  DIGEST,
  frame,
  report,
} from '../../../test/notify/sample-notifications.ts';
import { composeMessage } from '../message/compose-message.ts';
import { composeMail } from './compose-mail.ts';
import { mailHtml } from './mail-html.ts';

/** Its tags with their attributes; what stands between them left out. */
const tagsOf = (html: string) => html.match(/<[^>]*>/g) ?? [];

describe('the HTML of a mail', () => {
  test('has no tag and no attribute that a name brought', () => {
    fc.assert(
      fc.property(hostileNotification, ({ tame, hostile }) => {
        assert.deepEqual(tagsOf(mailHtml(composeMessage(hostile))), tagsOf(mailHtml(composeMessage(tame))));
      }),
    );
  });

  test('has no control, no mark of direction and no half character that a name brought', () => {
    fc.assert(
      fc.property(hostileNotification, ({ hostile }) => {
        const html = mailHtml(composeMessage(hostile));
        return (
          html.isWellFormed() &&
          !/(?!\n)\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/u.test(html)
        );
      }),
    );
  });

  test('loads nothing and runs nothing', () => {
    for (const notification of Object.values(CRASH_NOTIFICATIONS)) {
      const html = mailHtml(composeMessage(notification));
      assert.doesNotMatch(
        html,
        /<(?:script|img|iframe|link|object|embed|form|base|meta http)|url\(|@import|\son\w+=|src=/i,
      );
    }
  });

  test('links only to what is an address of the web', () => {
    const addresses = [
      'javascript:alert(1)',
      'data:text/html,x',
      'ftp://x/',
      '/relative',
      'not one',
      `https://x/${'a'.repeat(3000)}`,
    ];
    for (const url of addresses) {
      assert.doesNotMatch(
        mailHtml(composeMessage(crashNotification({ pageUrl: url, settingsUrl: url }))),
        /href=/,
      );
    }
    const html = mailHtml(
      composeMessage(crashNotification({ pageUrl: 'https://x.example/"><b>?a=1&b=2', settingsUrl: null })),
    );
    assert.deepEqual(html.match(/href="[^"]*"/g), ['href="https://x.example/%22%3E%3Cb%3E?a=1&amp;b=2"']);
  });

  test('is small enough to be shown whole by programs that clip at 102 KB', () => {
    const long = (length: number) => 'é&'.repeat(length / 2);
    const frames = new Array(100).fill(frame(long(900), long(900), 7, { repeat: 9 }));
    const exception = { exceptionType: long(900), code: 'ECODE', frames, members: [] };
    const causes = new Array(8).fill(exception);
    const crash = crashNotification({
      app: long(900),
      title: long(900),
      report: report('exception', { ...exception, causes, members: causes }),
    });
    const items = new Array(300).fill({ ...DIGEST.items[0], title: long(900), exceptionType: long(900) });
    for (const notification of [crash, { ...DIGEST, items }]) {
      const bytes = Buffer.byteLength(mailHtml(composeMessage(notification)));
      assert.ok(bytes > 10_000 && bytes < 100_000, `${bytes} bytes`);
    }
  });
});

describe('a mail', () => {
  const options = { from: 'Crashmon <crashmon@example.com>', to: ['ops@example.com'] };

  test('has headers in which no name ends a line', () => {
    fc.assert(
      fc.property(hostileNotification, ({ hostile }) => {
        const { subject, messageId, inReplyTo, headers } = composeMail(hostile, options);
        assert.doesNotMatch(subject, /[\p{C}\p{Zl}\p{Zp}]/u);
        for (const id of [messageId, inReplyTo ?? messageId]) {
          assert.match(id, /^<crashmon\.[a-z]+\.[0-9a-f]{32}@example\.com>$/);
        }
        assert.doesNotMatch(Object.values(headers).join(''), /[\r\n]/);
      }),
    );
  });

  test('says how to end it', () => {
    const of = (more: object) => composeMail(crashNotification(), { ...options, ...more }).headers;
    assert.equal(of({})['List-Unsubscribe'], '<https://crashes.example.com/apps/shop/settings>');
    assert.equal(of({})['List-Unsubscribe-Post'], undefined);
    const oneClick = of({ unsubscribeUrl: 'https://crashes.example.com/u/1' });
    assert.equal(oneClick['List-Unsubscribe'], '<https://crashes.example.com/u/1>');
    assert.equal(oneClick['List-Unsubscribe-Post'], 'List-Unsubscribe=One-Click');
    assert.equal(
      of({ unsubscribeUrl: 'http://crashes.example.com/u/1' })['List-Unsubscribe-Post'],
      undefined,
    );
  });

  test('is one of a thread with those of its episode, and of no other', () => {
    const of = (more: Parameters<typeof crashNotification>[0]) =>
      composeMail(crashNotification(more), options);
    const opened = of({});
    assert.equal(opened.inReplyTo, null);
    assert.equal(of({ kind: 'escalated' }).inReplyTo, opened.messageId);
    assert.notEqual(of({ kind: 'escalated' }).messageId, of({ kind: 'recovered' }).messageId);
    assert.notEqual(of({ episodeId: 'e2' }).messageId, opened.messageId);
    assert.notEqual(of({ app: 'other' }).messageId, opened.messageId);
    const returned = { afterMs: 1, version: null };
    assert.equal(of({ kind: 'recovered', returned }).inReplyTo, of({ kind: 'returned', returned }).messageId);
  });
});
