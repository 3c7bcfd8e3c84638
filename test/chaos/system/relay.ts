import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

/** A network between agents and a port of this machine, which can be cut. */
export class Relay implements AsyncDisposable {
  readonly #server: net.Server;
  readonly #sockets = new Set<Socket>();
  #mode: 'whole' | 'reset' | 'silent' = 'whole';

  private constructor(toPort: number) {
    this.#server = net.createServer((from) => {
      if (this.#mode === 'reset') return void from.resetAndDestroy();
      const to = net.connect(toPort, '127.0.0.1');
      for (const [one, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.once('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
        one.on('data', (chunk) => {
          // What was lost on the way was lost for both sides: it never comes later.
          if (this.#mode === 'whole') other.write(chunk);
        });
      }
    });
  }

  static async to(port: number): Promise<Relay> {
    const relay = new Relay(port);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `reset`: connections end, and new ones at once. `silent`: they stay, and nothing passes. */
  cut(how: 'reset' | 'silent'): void {
    this.#mode = how;
    if (how === 'reset') this.#destroyAll();
  }

  mend(): void {
    this.#mode = 'whole';
    // A stream with a gap is of no use.
    this.#destroyAll();
  }

  #destroyAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#destroyAll();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
