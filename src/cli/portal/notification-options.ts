import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CrashmonError } from '../../model/crashmon-error.ts';
import { parseMailbox } from '../../notify/mail/mailbox.ts';
import { parseSmtpUrl, type SmtpServer } from '../../notify/mail/smtp-server.ts';
import type { NotificationSending } from '../../portal/portal-parts.ts';
import type { CliContext } from '../context.ts';
import { mailboxes, mailboxesValue, mailboxValue } from '../options/mailbox-values.ts';
import { line } from '../render/safe-text.ts';

export type PortalNotificationOptions = {
  smtp?: string;
  smtpPasswordFile?: string;
  mailFrom?: string;
  mailTo?: string[];
  allowPrivateWebhooks?: boolean;
};

/** A longer file is not a password. */
const MAX_PASSWORD = 4096;

/** Passwords come only from the environment or a file. */
export function addPortalNotificationOptions(command: Command): Command {
  return command
    .option('--smtp <url>', 'mail server for notifications, smtp:// or smtps:// (CRASHMON_SMTP)')
    .option('--smtp-password-file <file>', 'file with the SMTP password (CRASHMON_SMTP_PASSWORD)')
    .option('--mail-from <sender>', 'sender address (CRASHMON_MAIL_FROM)', mailboxValue)
    .option(
      '--mail-to <address>',
      'recipient for apps without notification settings, repeatable (CRASHMON_MAIL_TO)',
      mailboxesValue,
    )
    .option('--allow-private-webhooks', 'allow webhooks in private networks and without TLS');
}

/** @throws CrashmonError BAD_OPTION; its message contains no password */
export function notificationSendingOf(
  options: PortalNotificationOptions,
  { env }: Pick<CliContext, 'env'>,
): NotificationSending {
  const smtp = smtpOf(options, env);
  const mailTo = options.mailTo ?? readable('CRASHMON_MAIL_TO', () => mailboxes(env.CRASHMON_MAIL_TO ?? ''));
  if (smtp === null && options.mailTo !== undefined) {
    throw bad('--mail-to needs --smtp, the mail server: smtp://mail.example.com:587');
  }
  return {
    smtp,
    mailFrom: smtp === null ? null : senderOf(options, env, smtp),
    mailTo: smtp === null ? [] : mailTo.map((address) => parseMailbox(address).address),
    allowPrivateWebhooks: options.allowPrivateWebhooks === true,
  };
}

function smtpOf(options: PortalNotificationOptions, env: CliContext['env']): SmtpServer | null {
  const text = options.smtp ?? env.CRASHMON_SMTP ?? '';
  if (text === '') return null;
  const server = parseSmtpUrl(text);
  const inAddress = server.auth?.password() ?? '';
  if (inAddress !== '' && options.smtp !== undefined) {
    throw bad(
      'any user of this machine can read arguments: give the password in CRASHMON_SMTP_PASSWORD or --smtp-password-file',
    );
  }
  const { smtpPasswordFile: file } = options;
  const password = file === undefined ? inAddress || (env.CRASHMON_SMTP_PASSWORD ?? '') : passwordFrom(file);
  if (server.auth === null) {
    if (password === '') return server;
    throw bad('a password also needs a user name: smtp://user@mail.example.com');
  }
  if (password === '') {
    throw bad(
      'the mail server has a user name but no password: give CRASHMON_SMTP_PASSWORD or --smtp-password-file',
    );
  }
  // Parsed again: with a password, encryption is required.
  return parseSmtpUrl(text, { user: server.auth.user, password });
}

function senderOf(options: PortalNotificationOptions, env: CliContext['env'], { auth }: SmtpServer): string {
  const given = options.mailFrom ?? (env.CRASHMON_MAIL_FROM || undefined);
  const sender = given ?? (auth?.user.includes('@') ? `Crashmon <${auth.user}>` : undefined);
  if (sender === undefined) throw bad('--smtp needs --mail-from, such as "Crashmon <crashmon@example.com>"');
  parseMailbox(sender);
  return sender;
}

function passwordFrom(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(0, MAX_PASSWORD).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CrashmonError('BAD_OPTION', `Cannot read ${line(file)} (${code}): check --smtp-password-file.`);
  }
}

function readable(name: string, read: () => string[]): string[] {
  try {
    return read();
  } catch (error) {
    throw new CrashmonError('BAD_OPTION', `${name}: ${(error as Error).message}`);
  }
}

function bad(why: string): CrashmonError {
  return new CrashmonError('BAD_OPTION', `${why[0]?.toUpperCase()}${why.slice(1)}.`);
}
