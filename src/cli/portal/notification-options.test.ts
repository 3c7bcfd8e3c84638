import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { notificationSendingOf, type PortalNotificationOptions } from './notification-options.ts';

type Env = Record<string, string>;
const from = { mailFrom: 'crashmon@example.com' };

test('options and variables make a mail server; the password comes from a variable', () => {
  const env = { CRASHMON_SMTP_PASSWORD: 'hunter2', CRASHMON_MAIL_TO: 'a@example.com, B <b@example.com>' };
  const sending = notificationSendingOf({ smtp: 'smtp://me@mail.example.com', ...from }, { env });
  assert.equal(sending.smtp?.auth?.password(), 'hunter2');
  assert.equal(sending.smtp?.starttls, 'required');
  assert.deepEqual(sending.mailTo, ['a@example.com', 'b@example.com']);
  const whole = { CRASHMON_SMTP: 'smtps://me%40example.com:hunter2@mail.example.com' };
  assert.equal(notificationSendingOf({}, { env: whole }).mailFrom, 'Crashmon <me@example.com>');
});

test('no mail is sent by default', () => {
  const none = { smtp: null, mailFrom: null, mailTo: [], allowPrivateWebhooks: false };
  assert.deepEqual(notificationSendingOf({}, { env: {} }), none);
  assert.equal(notificationSendingOf({ allowPrivateWebhooks: true }, { env: {} }).allowPrivateWebhooks, true);
});

test('errors contain no password', () => {
  const mistakes: [PortalNotificationOptions, Env, RegExp][] = [
    [{ mailTo: ['a@example.com'] }, {}, /--mail-to needs --smtp/],
    [{ smtp: 'smtp://mail.example.com' }, {}, /--smtp needs --mail-from/],
    [{ smtp: 'smtp://me:hunter2@mail.example.com', ...from }, {}, /read arguments: give the password in/],
    [{ smtp: 'smtp://me@mail.example.com', ...from }, {}, /give CRASHMON_SMTP_PASSWORD/],
    [
      { smtp: 'smtp://mail.example.com', ...from },
      { CRASHMON_SMTP_PASSWORD: 'hunter2' },
      /needs a user name/,
    ],
    [{ smtp: 'http://me:hunter2@mail.example.com', ...from }, {}, /start with smtp/],
    [{ smtp: 'smtp://me@m', smtpPasswordFile: '/nowhere/at/all', ...from }, {}, /Cannot read .*ENOENT/],
    [
      { smtp: 'smtp://mail.example.com', ...from },
      { CRASHMON_MAIL_TO: 'no-address' },
      /CRASHMON_MAIL_TO: Invalid email/,
    ],
    [{}, { CRASHMON_SMTP: 'smtp://m', CRASHMON_MAIL_FROM: 'no-address' }, /Invalid email address/],
  ];
  for (const [options, env, said] of mistakes) {
    assert.throws(
      () => notificationSendingOf(options, { env }),
      (error) =>
        error instanceof CrashmonError &&
        error.code === 'BAD_OPTION' &&
        said.test(error.message) &&
        !error.message.includes('hunter2'),
      String(said),
    );
  }
});
