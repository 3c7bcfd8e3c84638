import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import {
  type MailTarget,
  NO_NOTIFY_SECRETS,
  type NotifyOptions,
  type NotifySecrets,
  type WebhookOptions,
} from '../agent/agent-options.ts';
import { CrashmonError } from '../model/crashmon-error.ts';
import { parseMailbox } from '../notify/mail/mailbox.ts';
import { parseSmtpUrl } from '../notify/mail/smtp-server.ts';
import { parseWebhookTarget, WEBHOOK_PRESETS, type WebhookPreset } from '../notify/webhook/webhook-target.ts';
import type { CliContext } from './context.ts';
import { mailboxes, mailboxesValue } from './mailbox-values.ts';
import { choiceValue, durationValue } from './option-values.ts';

/** Whom to tell, and by what. */
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

/** Who is told, the secrets for it, and what is wrong with what the environment says of it. */
export type NotifyPlan = { notify: NotifyOptions | null; secrets: NotifySecrets; problems: string[] };

/** A list that long belongs into a mailing list. */
const MAX_ADDRESSES = 20;

export function addNotifyTargetOptions(command: Command): Command {
  return command
    .option('--notify <smtp-url>', 'tell people by this mail server (CRASHMON_NOTIFY)')
    .option('--mail-to <address>', 'whom; may be repeated (CRASHMON_MAIL_TO)', mailboxesValue)
    .option('--mail-from <address>', 'sender of the mails (CRASHMON_MAIL_FROM)')
    .option('--smtp-password-file <file>', 'file with the password (CRASHMON_SMTP_PASSWORD)', resolvedValue)
    .option('--webhook <url>', 'tell people by this webhook (CRASHMON_WEBHOOK)')
    .option(
      '--webhook-preset <format>',
      'crashmon, slack, teams or discord (default: by the host)',
      choiceValue(WEBHOOK_PRESETS),
    )
    .option('--webhook-secret-file <file>', 'messages are signed with it', resolvedValue)
    .option('--webhook-allow-private', 'the webhook may be in a private network');
}

/** Those of `run`. */
export function addNotifyOptions(command: Command): Command {
  return addNotifyTargetOptions(command)
    .addOption(
      new Option('--notify-quiet <duration>', 'crashes are over after so long without one')
        .argParser(durationValue)
        .default(durationValue('1h'), '1h'),
    )
    .addOption(
      new Option('--notify-wait <duration>', 'longest wait for a call stack before people are told')
        .argParser(durationValue)
        .default(durationValue('2m'), '2m'),
    );
}

/**
 * A mistake in the environment keeps no worker from starting: it is a problem to be told, and nobody is told of crashes.
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

/** An option that is wrong ends crashmon, a variable that is wrong does not. */
function fromEither<Result>(isOption: boolean, problems: string[], read: () => Result): Result | null {
  try {
    return read();
  } catch (error) {
    if (isOption || !(error instanceof CrashmonError)) throw error;
    problems.push(`Nobody is told of crashes: ${error.message}`);
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
      'everybody on the machine can read arguments: give the password in CRASHMON_SMTP_PASSWORD or --smtp-password-file',
    );
  }
  const to = flags.mailTo ?? mailboxes(env.CRASHMON_MAIL_TO ?? '');
  if (to.length === 0) throw bad('--notify needs --mail-to, whom to tell');
  if (to.length > MAX_ADDRESSES) throw bad(`--mail-to takes ${MAX_ADDRESSES} addresses at most`);
  const passwordFile = flags.smtpPasswordFile ?? null;
  const password = given === '' ? (env.CRASHMON_SMTP_PASSWORD ?? '') : given;
  if (auth === null && (passwordFile !== null || password !== '')) {
    throw bad('a password needs a user name as well: smtp://user@mail.example.com');
  }
  if (auth !== null && passwordFile === null && password === '') {
    throw bad(
      'the mail server gets a user name: give CRASHMON_SMTP_PASSWORD or --smtp-password-file as well',
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

/** The account's own address where it has one, since many servers take no other; else a name of this machine's. */
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
