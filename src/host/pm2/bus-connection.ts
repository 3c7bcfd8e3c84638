import { connect, type Socket } from 'node:net';
import { AmpReader } from '../../formats/amp/amp-reader.ts';
import { type Pm2Message, readPm2Message, TOPICS } from './pm2-message.ts';

/** An event of PM2 has some kilobytes of environment. */
const MAX_BYTES = 1024 * 1024;

/** A connection to PM2's bus: it only reads. */
export class BusConnection {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @throws the socket's error, if it cannot connect */
  static async open(
    path: string,
    { onMessage, onClose }: { onMessage: (message: Pm2Message) => void; onClose: () => void },
  ): Promise<BusConnection> {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const reader = new AmpReader({
      isWanted: (topic) => TOPICS.includes(topic),
      maxBytes: MAX_BYTES,
      onMessage: (topic, body) => {
        const message = readPm2Message(topic, body);
        if (message !== null) onMessage(message);
      },
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch {
        socket.destroy();
      }
    });
    // What failed is over.
    socket.on('error', () => {});
    socket.once('close', onClose);
    return new BusConnection(socket);
  }

  close(): void {
    this.#socket.destroy();
  }
}
