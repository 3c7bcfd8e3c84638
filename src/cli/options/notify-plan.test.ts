import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { outerEnvironment } from '../start/outer-environment.ts';
import { type NotifyTargetFlags, notifyPlan } from './notify-plan.ts';
import { NOTIFY_SECRETS, takeNotifySecrets } from './notify-secrets.ts';

const plan = (flags: NotifyTargetFlags, env: Record<string, string> = {}) =>
  notifyPlan(flags, '1.2', { env });
const TO = { mailTo: ['ops@example.com'] };

describe('recipients', () => {
  test('none by default', () => {
    assert.deepEqual([plan({}).notify, plan({}).problems], [null, []]);
    assert.equal(plan({}, { CRASHMON_SMTP_PASSWORD: 'x', CRASHMON_MAIL_TO: 'ops@example.com' }).notify, null);
  });

  test('by mail, with the password apart from what others may see', () => {
    const { notify, secrets } = plan(
      { ...TO, notify: 'smtp://mona@mail.example.com:2525?starttls=require' },
      { CRASHMON_SMTP_PASSWORD: 'swordfish' },
    );
    assert.equal(notify?.mail?.server, 'smtp://mona@mail.example.com:2525?starttls=require');
    assert.equal(secrets.password, 'swordfish');
    assert.ok(!JSON.stringify(notify).includes('swordfish'));
  });

  test('by what the environment says, where an address may hold the password', () => {
    const { notify, secrets, problems } = plan(
      {},
      {
        CRASHMON_NOTIFY: 'smtps://mona%40example.com:sword%2Ffish@mail.example.com',
        CRASHMON_MAIL_TO: 'ops@example.com, dev@example.com',
        CRASHMON_MAIL_FROM: 'Crashes <crashes@example.com>',
      },
    );
    assert.deepEqual(problems, []);
    assert.equal(notify?.mail?.server, 'smtps://mona%40example.com@mail.example.com');
    assert.deepEqual(notify?.mail?.to, ['ops@example.com', 'dev@example.com']);
    assert.equal(notify?.mail?.from, 'Crashes <crashes@example.com>');
    assert.equal(secrets.password, 'sword/fish');
  });

  test('from the account of the mail server where that is an address, else from a name of this machine', () => {
    const env = { CRASHMON_SMTP_PASSWORD: 'x' };
    const of = (notify: string) => plan({ ...TO, notify }, env).notify?.mail?.from;
    assert.equal(of('smtp://mona%40example.org@mail.example.com'), 'Crashmon <mona@example.org>');
    assert.match(of('smtp://mona@mail.example.com') ?? '', /^Crashmon <crashmon@[\w.-]+>$/);
  });

  test('by a webhook, whose address is a secret', () => {
    const webhook = 'https://hooks.slack.com/services/T0/B0/secret';
    const { notify, secrets } = plan({ webhook }, { CRASHMON_WEBHOOK_SECRET: '0123456789abcdef' });
    assert.deepEqual(notify?.webhook, {
      host: 'hooks.slack.com',
      preset: 'slack',
      allowPrivate: false,
      secretFile: null,
    });
    assert.deepEqual([secrets.webhook, secrets.webhookSecret], [webhook, '0123456789abcdef']);
    assert.equal(plan({ webhook, webhookPreset: 'teams' }).notify?.webhook?.preset, 'teams');
  });
});

describe('a mistake', () => {
  const mistakes: [string, NotifyTargetFlags, RegExp][] = [
    ['no recipient', { notify: 'smtp://mail.example.com' }, /--mail-to/],
    ['no server', TO, /--mail-to needs --notify/],
    ['no mail server', { ...TO, notify: 'https://mail.example.com' }, /smtp:\/\//],
    [
      'a password among the arguments',
      { ...TO, notify: 'smtp://mona:swordfish@mail.example.com' },
      /CRASHMON_SMTP_PASSWORD/,
    ],
    [
      'a user without a password',
      { ...TO, notify: 'smtp://mona@mail.example.com' },
      /CRASHMON_SMTP_PASSWORD/,
    ],
    [
      'a password without a user',
      { ...TO, notify: 'smtp://mail.example.com', smtpPasswordFile: '/x' },
      /user name/,
    ],
    ['no sender', { ...TO, notify: 'smtp://mail.example.com', mailFrom: 'no-address' }, /mail address/],
    [
      'too many',
      { notify: 'smtp://mail.example.com', mailTo: new Array(21).fill('a@b.example') },
      /20 addresses/,
    ],
    ['a webhook without encryption', { webhook: 'http://hooks.example.com/secret' }, /https/],
  ];
  for (const [what, flags, message] of mistakes) {
    test(`among the options is an error: ${what}`, () => {
      assert.throws(
        () => plan(flags),
        (error: Error) =>
          error instanceof CrashmonError &&
          message.test(error.message) &&
          !/swordfish|secret/.test(error.message),
      );
    });
  }

  test('in the environment keeps nothing from starting', () => {
    const wrong = plan({}, { CRASHMON_NOTIFY: 'mail.example.com', CRASHMON_WEBHOOK: 'nowhere' });
    assert.deepEqual([wrong.notify, wrong.problems.length], [null, 2]);
    const half = plan(
      {},
      { CRASHMON_NOTIFY: 'smtp://mail.example.com', CRASHMON_WEBHOOK: 'https://hooks.example.com/x' },
    );
    assert.deepEqual([half.notify?.mail, half.problems.length], [null, 1]);
    assert.equal(half.notify?.webhook?.host, 'hooks.example.com');
  });
});

test('secrets reach neither the worker nor what else crashmon starts', () => {
  const env: NodeJS.ProcessEnv = {
    PATH: '/bin',
    CRASHMON_NOTIFY: 'smtp://mona:swordfish@mail.example.com',
    CRASHMON_SMTP_PASSWORD: 'swordfish',
    CRASHMON_WEBHOOK: 'https://hooks.example.com/secret',
    CRASHMON_WEBHOOK_SECRET: 'secret',
    [NOTIFY_SECRETS]: '{"password":"swordfish"}',
  };
  assert.deepEqual(outerEnvironment(env), { PATH: '/bin' });
  assert.deepEqual(takeNotifySecrets(env), { password: 'swordfish', webhook: null, webhookSecret: null });
  assert.deepEqual(env, { PATH: '/bin' });
  assert.equal(takeNotifySecrets({ [NOTIFY_SECRETS]: 'no JSON' }).password, null);
});
