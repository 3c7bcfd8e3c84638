import { EventEmitter, once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { parseSmtpUrl, type SmtpServer } from '../../src/notify/mail/smtp-server.ts';

export type Delivered = {
  mail: ParsedMail;
  raw: string;
  from: string;
  to: string[];
  encrypted: boolean;
  user: string | null;
};

/** An error that the server answers with. */
export function reply(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

/** A real SMTP server on loopback; gone when disposed of. */
export class MailServer implements AsyncDisposable {
  readonly delivered: Delivered[] = [];
  readonly #arrivals = new EventEmitter();
  readonly #server: SMTPServer;

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: options.key === undefined ? ['STARTTLS'] : [],
      closeTimeout: 10,
      ...options,
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.once('end', async () => {
          const raw = Buffer.concat(chunks);
          const { mailFrom, rcptTo } = session.envelope;
          this.delivered.push({
            mail: await simpleParser(raw),
            raw: raw.toString('utf8'),
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            encrypted: session.secure,
            user: session.user === undefined ? null : String(session.user),
          });
          this.#arrivals.emit('mail');
          options.onData === undefined ? done() : options.onData(stream, session, done);
        });
      },
    });
    this.#server.on('error', () => {});
  }

  static async start(options: SMTPServerOptions = {}, port = 0): Promise<MailServer> {
    const server = new MailServer(options);
    server.#server.listen(port, '127.0.0.1');
    await once(server.#server.server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  /** Waits for a mail that fits, also one that came before. */
  async mail(fits: (delivered: Delivered) => boolean, deadlineMs = 90_000): Promise<Delivered> {
    const signal = AbortSignal.timeout(deadlineMs);
    for (;;) {
      const found = this.delivered.find(fits);
      if (found !== undefined) return found;
      await once(this.#arrivals, 'mail', { signal }).catch(() => {
        const subjects = this.delivered.map(({ mail }) => mail.subject);
        throw new Error(`no such mail came, but ${JSON.stringify(subjects)}`);
      });
    }
  }

  /** As an operator would write it. */
  url(query = '', user = ''): SmtpServer {
    return parseSmtpUrl(`smtp://${user}localhost:${this.port}/${query}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    await promise;
  }
}

/** A server that speaks as the test says, line by line; for what no decent server does. */
export async function rawServer(
  talk: (socket: Socket) => void,
): Promise<AsyncDisposable & { server: SmtpServer }> {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    talk(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server: parseSmtpUrl(`smtp://127.0.0.1:${(server.address() as AddressInfo).port}`),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
