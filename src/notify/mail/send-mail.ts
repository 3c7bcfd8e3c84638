import MailComposer from 'nodemailer/lib/mail-composer';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { untilAborted } from '../until-aborted.ts';
import type { Mail } from './compose-mail.ts';
import { type MailOutcome, outcomeOfFailure, outcomeOfSuccess } from './mail-outcome.ts';
import { greet, newConnection, quit } from './smtp-connection.ts';
import type { SmtpServer } from './smtp-server.ts';

export type SendOptions = {
  signal?: AbortSignal;
  /** For the whole delivery; each step also has its own limit. */
  timeoutMs?: number;
  /** Gets what is about to be sent. */
  onLeaving?: (content: string) => void;
  /** Additional trusted certificates, PEM. */
  ca?: string;
};

const TIMEOUT_MS = 90_000;

/**
 * Sends one mail to one server. Never throws for server or network errors: each recipient is accepted, to be retried, or
 * failed permanently. If the connection breaks between sending and the reply, the mail is retried with the same
 * Message-ID, so that a mailbox can recognize the duplicate.
 */
export async function sendMail(
  mail: Mail,
  server: SmtpServer,
  options: SendOptions = {},
): Promise<MailOutcome> {
  const { to } = mail.envelope;
  if (to.length === 0) return { accepted: [], retry: [], failed: [] };
  const { timeoutMs = TIMEOUT_MS, signal } = options;
  const deadline = AbortSignal.any([
    AbortSignal.timeout(timeoutMs),
    ...(signal === undefined ? [] : [signal]),
  ]);
  const message = await bytesOf(mail);
  const connection = newConnection(server, { ca: options.ca, timeoutMs });
  try {
    const info = await untilAborted(converse(connection, server, mail, message, options.onLeaving), deadline);
    await quit(connection);
    return outcomeOfSuccess(to, info, server);
  } catch (error) {
    return outcomeOfFailure(to, error, server);
  } finally {
    connection.close();
  }
}

type Info = Parameters<typeof outcomeOfSuccess>[1];

/** From the greeting to the final reply. */
async function converse(
  connection: SMTPConnection,
  server: SmtpServer,
  { envelope }: Mail,
  message: Buffer,
  onLeaving: SendOptions['onLeaving'] = () => {},
): Promise<Info> {
  await greet(connection, server);
  const { from, to } = envelope;
  // Line ends as SMTP has them.
  onLeaving(message.toString('utf8').replaceAll(/\r?\n/g, '\r\n'));
  return new Promise((resolve, reject) => {
    connection.once('error', reject);
    connection.send({ from: from === '' ? false : from, to }, message, (error, info) =>
      error === null && info !== undefined ? resolve(info) : reject(error),
    );
  });
}

function bytesOf(mail: Mail): Promise<Buffer> {
  const { from, to, subject, text, html, messageId, inReplyTo, atMs, headers } = mail;
  const written = ({ name, address }: Mail['from']) => ({ name: name ?? '', address });
  const composer = new MailComposer({
    from: written(from),
    to: to.map(written),
    subject,
    text,
    html,
    messageId,
    ...(inReplyTo === null ? {} : { inReplyTo, references: inReplyTo }),
    date: new Date(atMs),
    headers,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}
