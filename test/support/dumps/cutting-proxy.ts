import { connect, createServer, type Socket } from 'node:net';

/** A way to a server of this machine that breaks. */
export type CuttingProxy = AsyncDisposable & {
  endpoint: string;
  /** Of the next connections: each is reset after so many bytes to the server; null: no more. */
  cutAfter: number | null;
  /** How many were. */
  readonly cuts: number;
};

export async function cuttingProxy(port: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let left = proxy.cutAfter ?? Number.POSITIVE_INFINITY;
    const end = () => {
      for (const socket of [client, upstream]) socket.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        open.delete(socket);
        end();
      });
    }
    client.on('data', (piece: Buffer) => {
      upstream.write(piece.subarray(0, left));
      left -= piece.length;
      if (left > 0) return;
      cuts++;
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    });
    upstream.on('data', (piece) => client.write(piece));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const proxy = {
    endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    cutAfter: null as number | null,
    get cuts() {
      return cuts;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
