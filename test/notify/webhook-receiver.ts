import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificate } from './certificate.ts';

export type Posted = { method: string; path: string; headers: http.IncomingHttpHeaders; body: string };

export type Behavior = (posted: Posted, response: http.ServerResponse) => void;

/** A real HTTP or HTTPS server on loopback that answers as the test says; gone when disposed of. */
export class WebhookReceiver implements AsyncDisposable {
  readonly posted: Posted[] = [];
  /** Connections there ever were. */
  connections = 0;
  readonly #server: http.Server | https.Server;
  readonly #protocol: string;
  readonly #sockets = new Set<Socket>();

  private constructor(behave: Behavior, certificate: Certificate | null) {
    const handle: http.RequestListener = async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { method = '', url = '', headers } = request;
      const posted = { method, path: url, headers, body };
      this.posted.push(posted);
      behave(posted, response);
    };
    this.#protocol = certificate === null ? 'http' : 'https';
    this.#server = certificate === null ? http.createServer(handle) : https.createServer(certificate, handle);
    this.#server.on('connection', (socket) => {
      this.connections++;
      socket.on('error', () => {});
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(behave: Behavior, certificate: Certificate | null = null): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(behave, certificate);
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(host = '127.0.0.1', path = '/hook?key=s3cret-address'): string {
    return `${this.#protocol}://${host}:${this.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Answers with a status and nothing else. */
export function answer(status: number, headers: http.OutgoingHttpHeaders = {}): Behavior {
  return (_posted, response) => {
    response.writeHead(status, headers).end();
  };
}
