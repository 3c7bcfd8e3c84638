import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { SmtpServer } from './smtp-server.ts';

const STEP_MS = 20_000;
/** The mail is already accepted; QUIT is a courtesy. */
const QUIT_MS = 2_000;
const MAX_REPLY_BYTES = 16 * 1024;

/** A connection that is not open yet. The caller closes it. */
export function newConnection(
  server: SmtpServer,
  { ca, timeoutMs }: { ca: string | undefined; timeoutMs: number },
): SMTPConnection {
  const connection = new SMTPConnection(optionsFor(server, ca, Math.min(STEP_MS, timeoutMs)));
  // Ignores errors after the first one, which must not end the process.
  connection.on('error', () => {});
  return connection;
}

/** Connects, encrypts and authenticates, up to where mail can be sent. */
export function greet(connection: SMTPConnection, { auth }: SmtpServer): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.once('error', reject);
    const done = (error?: Error | null) => {
      connection.off('error', reject);
      if (error) reject(error);
      else resolve();
    };
    connection.connect((refused) => {
      if (refused) return done(refused);
      if (auth === null) return done();
      connection.login({ user: auth.user, pass: auth.password() }, done);
    });
  });
}

function optionsFor(
  { host, port, secure, starttls, verify }: SmtpServer,
  ca: string | undefined,
  stepMs: number,
) {
  return {
    host,
    port,
    secure,
    ignoreTLS: starttls === 'never',
    requireTLS: starttls === 'required',
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    dnsTimeout: stepMs,
    maxResponseSize: MAX_REPLY_BYTES,
    tls: { rejectUnauthorized: verify, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) },
  } as const;
}

/** Sends QUIT and waits briefly for the reply. */
export function quit(connection: SMTPConnection): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, QUIT_MS);
    connection.once('end', () => {
      clearTimeout(timer);
      resolve();
    });
    connection.quit();
  });
}
