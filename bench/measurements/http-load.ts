import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type HttpLoad = AsyncDisposable & {
  /** Sends requests for this time; each connection sends the next after the response. */
  send(ms: number): Promise<{ done: number; ms: number }>;
};

const CONNECTIONS = 8;
const REQUEST = 'GET /cart/42 HTTP/1.1\r\nhost: localhost\r\n\r\n';

/**
 * Requests over persistent connections. Responses are counted by their length, which must be constant: so the sender
 * costs little.
 */
export async function openHttpLoad(port: number): Promise<HttpLoad> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)));
  const [first] = sockets;
  if (first === undefined) throw new RangeError('no connection');
  const answerBytes = await measureAnswer(first);
  return {
    async send(ms) {
      const start = performance.now();
      const counts = await Promise.all(sockets.map((socket) => drive(socket, answerBytes, start + ms)));
      return { done: counts.reduce((sum, count) => sum + count, 0), ms: performance.now() - start };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket.setNoDelay(true);
}

async function measureAnswer(socket: Socket): Promise<number> {
  socket.write(REQUEST);
  let text = '';
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text += chunk.toString('latin1');
    const head = text.indexOf('\r\n\r\n');
    const length = Number(/^content-length: (\d+)$/im.exec(text)?.[1]);
    if (head >= 0 && text.length >= head + 4 + length) return head + 4 + length;
  }
}

function drive(socket: Socket, answerBytes: number, untilMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    let bytes = 0;
    const onGone = (): void => reject(new Error('the worker closed a connection'));
    socket.once('close', onGone);
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      if (bytes < answerBytes) return;
      bytes = 0;
      count += 1;
      if (performance.now() < untilMs) {
        socket.write(REQUEST);
        return;
      }
      socket.removeAllListeners('data');
      socket.off('close', onGone);
      resolve(count);
    });
    socket.write(REQUEST);
  });
}
