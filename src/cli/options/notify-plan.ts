import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type MailTarget,
  NO_NOTIFY_SECRETS,
  type NotifyOptions,
  type NotifySecrets,
  type WebhookOptions,
} from '../../agent/agent-options.ts';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { parseMailbox } from '../../notify/mail/mailbox.ts';
import { parseSmtpUrl } from '../../notify/mail/smtp-server.ts';
import {
  parseWebhookTarget,
  WEBHOOK_PRESETS,
  type WebhookPreset,
} from '../../notify/webhook/webhook-target.ts';
import type { CliContext } from '../context.ts';
import { mailboxes, mailboxesValue } from './mailbox-values.ts';
import { choiceValue } from './option-values.ts';
import { durationOption } from './policy-options.ts';

/** Recipients and transports of notifications. */
export type NotifyTargetFlags = {
  notify?: string;
  mailTo?: string[];
  mailFrom?: string;
  smtpPasswordFile?: string;
  webhook?: string;
  webhookPreset?: WebhookPreset;
  webhookSecretFile?: string;
  webhookAllowPrivate?: boolean;
};

export type NotifyFlags = NotifyTargetFlags & { notifyQuiet: number; notifyWait: number };

/** Notification targets, their secrets, and problems with variables of the environment. */
export type NotifyPlan = { notify: NotifyOptions | null; secrets: NotifySecrets; problems: string[] };

/** For more recipients, use a mailing list. */
const MAX_ADDRESSES = 20;

export function addNotifyTargetOptions(command: Command): Command {
  return command
    .option('--notify <smtp-url>', 'mail server for notifications (CRASHMON_NOTIFY)')
    .option('--mail-to <address>', 'recipient, repeatable (CRASHMON_MAIL_TO)', mailboxesValue)
    .option('--mail-from <address>', 'sender address (CRASHMON_MAIL_FROM)')
    .option(
      '--smtp-password-file <file>',
      'file with the SMTP password (CRASHMON_SMTP_PASSWORD)',
      resolvedValue,
    )
    .option('--webhook <url>', 'webhook for notifications (CRASHMON_WEBHOOK)')
    .option(
      '--webhook-preset <format>',
      'format: crashmon, slack, teams or discord (default: from the host)',
      choiceValue(WEBHOOK_PRESETS),
    )
    .option('--webhook-secret-file <file>', 'file with the secret that signs the messages', resolvedValue)
    .option('--webhook-allow-private', 'allow a webhook in a private network');
}

/** Those of `run`. */
export function addNotifyOptions(command: Command): Command {
  return addNotifyTargetOptions(command)
    .addOption(durationOption('--notify-quiet', 'time without a crash after which an episode is over', '1h'))
    .addOption(durationOption('--notify-wait', 'longest wait for a call stack before notifying', '2m'));
}

/**
 * A wrong variable does not stop the worker from starting: it is reported as a problem, and no notifications are sent.
 * @throws CrashmonError BAD_OPTION for options that cannot be used or contradict each other
 */
export function notifyPlan(
  flags: NotifyTargetFlags & Partial<NotifyFlags>,
  appVersion: string | null,
  { env }: Pick<CliContext, 'env'>,
): NotifyPlan {
  const problems: string[] = [];
  const mail = fromEither(flags.notify !== undefined, problems, () => mailOf(flags, env));
  const webhook = fromEither(flags.webhook !== undefined, problems, () => webhookOf(flags, env));
  if (mail === null && webhook === null) {
    if (flags.mailTo !== undefined && problems.length === 0) {
      throw bad('--mail-to needs --notify, the mail server: smtp://mail.example.com:587');
    }
    return { notify: null, secrets: NO_NOTIFY_SECRETS, problems };
  }
  return {
    notify: {
      mail: mail?.target ?? null,
      webhook: webhook?.target ?? null,
      quietMs: flags.notifyQuiet ?? 0,
      waitMs: flags.notifyWait ?? 0,
      appVersion,
    },
    secrets: { ...NO_NOTIFY_SECRETS, ...mail?.secrets, ...webhook?.secrets },
    problems,
  };
}

/** A wrong option is an error, a wrong variable is a problem. */
function fromEither<Result>(isOption: boolean, problems: string[], read: () => Result): Result | null {
  try {
    return read();
  } catch (error) {
    if (isOption || !(error instanceof CrashmonError)) throw error;
    problems.push(`No notifications will be sent: ${error.message}`);
    return null;
  }
}

function mailOf(
  flags: NotifyTargetFlags,
  env: CliContext['env'],
): { target: MailTarget; secrets: Pick<NotifySecrets, 'password'> } | null {
  const text = flags.notify ?? env.CRASHMON_NOTIFY ?? '';
  if (text === '') return null;
  const { host, auth } = parseSmtpUrl(text);
  const url = new URL(text);
  const given = auth?.password() ?? '';
  if (given !== '' && flags.notify !== undefined) {
    throw bad(
      'any user of this machine can read arguments: give the password in CRASHMON_SMTP_PASSWORD or --smtp-password-file',
    );
  }
  const to = flags.mailTo ?? mailboxes(env.CRASHMON_MAIL_TO ?? '');
  if (to.length === 0) throw bad('--notify needs --mail-to, the recipient');
  if (to.length > MAX_ADDRESSES) throw bad(`--mail-to takes at most ${MAX_ADDRESSES} addresses`);
  const passwordFile = flags.smtpPasswordFile ?? null;
  const password = given === '' ? (env.CRASHMON_SMTP_PASSWORD ?? '') : given;
  if (auth === null && (passwordFile !== null || password !== '')) {
    throw bad('a password also needs a user name: smtp://user@mail.example.com');
  }
  if (auth !== null && passwordFile === null && password === '') {
    throw bad(
      'the mail server has a user name but no password: give CRASHMON_SMTP_PASSWORD or --smtp-password-file',
    );
  }
  url.password = '';
  const from = flags.mailFrom ?? env.CRASHMON_MAIL_FROM ?? usualSender(auth?.user ?? null, to);
  parseMailbox(from);
  return {
    target: {
      server: url.href,
      host,
      from,
      to: to.map((address) => parseMailbox(address).address),
      passwordFile,
    },
    secrets: { password: passwordFile === null && password !== '' ? password : null },
  };
}

/** The account's own address if it has one, since many servers accept no other; else one of this machine. */
function usualSender(user: string | null, to: readonly string[]): string {
  if (user !== null && isAddress(user)) return `Crashmon <${user}>`;
  const name = hostname();
  const [first = ''] = to;
  const domain = name.includes('.') ? name : parseMailbox(first).address.replace(/^.*@/, '');
  const own = `crashmon@${domain}`;
  return `Crashmon <${isAddress(own) ? own : parseMailbox(first).address}>`;
}

function isAddress(text: string): boolean {
  try {
    return parseMailbox(text).name === null;
  } catch {
    return false;
  }
}

function webhookOf(
  flags: NotifyTargetFlags,
  env: CliContext['env'],
): { target: WebhookOptions; secrets: Pick<NotifySecrets, 'webhook' | 'webhookSecret'> } | null {
  const text = flags.webhook ?? env.CRASHMON_WEBHOOK ?? '';
  if (text === '') return null;
  const allowPrivate = flags.webhookAllowPrivate === true;
  const secretFile = flags.webhookSecretFile ?? null;
  const given = env.CRASHMON_WEBHOOK_SECRET ?? '';
  const secret = secretFile === null && given !== '' ? given : null;
  const { webhookPreset = null } = flags;
  const { host, preset } = parseWebhookTarget(text, { preset: webhookPreset, secret, allowPrivate });
  return {
    target: { host, preset, allowPrivate, secretFile },
    secrets: { webhook: text, webhookSecret: secret },
  };
}

function resolvedValue(text: string): string {
  return resolve(text);
}

function bad(why: string): CrashmonError {
  return new CrashmonError('BAD_OPTION', `${why[0]?.toUpperCase()}${why.slice(1)}.`);
}
