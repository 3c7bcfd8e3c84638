import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

/** What passes between programs and a server on loopback: every byte, in both directions, apart by connection. */
export class Tap implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #sockets = new Set<Socket>();
  readonly #sent: Buffer[][] = [];
  readonly #answered: Buffer[][] = [];
  /** Given what was sent over a connection: is the answer to it lost, as where a network fails? */
  isLost: (sent: Buffer) => boolean = () => false;

  private constructor(toPort: () => number) {
    this.#server = net.createServer((client) => {
      const server = net.connect(toPort(), '127.0.0.1');
      const sent = this.#record(client, server, this.#sent);
      server.prependListener('data', () => {
        if (!this.isLost(Buffer.concat(sent))) return;
        client.destroy();
        server.destroy();
      });
      this.#record(server, client, this.#answered);
    });
  }

  /**
   * @param toPort of the server, asked for each connection
   * @param socket in the file system, where it is to listen; a port of its own without it
   */
  static async before(toPort: () => number, socket: string | null = null): Promise<Tap> {
    const tap = new Tap(toPort);
    if (socket === null) tap.#server.listen(0, '127.0.0.1');
    else tap.#server.listen(socket);
    await once(tap.#server, 'listening');
    return tap;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What the programs sent. */
  sent(): Buffer[] {
    return this.#sent.map((chunks) => Buffer.concat(chunks));
  }

  /** What the server sent back. */
  answered(): Buffer[] {
    return this.#answered.map((chunks) => Buffer.concat(chunks));
  }

  #record(from: Socket, to: Socket, record: Buffer[][]): Buffer[] {
    const chunks: Buffer[] = [];
    record.push(chunks);
    this.#sockets.add(from);
    from.on('data', (chunk) => chunks.push(chunk));
    from.on('error', () => to.destroy());
    from.once('close', () => this.#sockets.delete(from));
    from.pipe(to);
    return chunks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
