import MailComposer from 'nodemailer/lib/mail-composer';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { untilAborted } from '../until-aborted.ts';
import type { Mail } from './compose-mail.ts';
import { type MailOutcome, outcomeOfFailure, outcomeOfSuccess } from './mail-outcome.ts';
import { goodbye, greet, newConnection } from './smtp-connection.ts';
import type { SmtpServer } from './smtp-server.ts';

export type SendOptions = {
  signal?: AbortSignal;
  /** For all of it; each step has a bound of its own besides. */
  timeoutMs?: number;
  /** Certificates to trust besides the known ones, PEM. */
  ca?: string;
};

const TIMEOUT_MS = 90_000;

/**
 * Sends one mail to one server. Never throws for what a server or the network does: each recipient comes back as
 * accepted, to be tried again, or failed for good. Where the line broke after the mail was sent and before its receipt,
 * it is to be tried again: the Message-ID is the same, so that a mailbox may know it as the same mail.
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
    const info = await untilAborted(converse(connection, server, mail, message), deadline);
    await goodbye(connection);
    return outcomeOfSuccess(to, info, server);
  } catch (error) {
    return outcomeOfFailure(to, error, server);
  } finally {
    connection.close();
  }
}

type Info = Parameters<typeof outcomeOfSuccess>[1];

/** From the greeting to the receipt. */
async function converse(
  connection: SMTPConnection,
  server: SmtpServer,
  { envelope }: Mail,
  message: Buffer,
): Promise<Info> {
  await greet(connection, server);
  const { from, to } = envelope;
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
