import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A program of `bench/programs/` that has connected and waits for requests. */
export type Member = {
  /** Its first message. */
  readonly hello: Readonly<Record<string, unknown>> & { readonly pid: number };
  ask(request: object): Promise<Record<string, number>>;
  send(request: object): void;
};

export type Channel = AsyncDisposable & {
  /** Environment by which programs find it. */
  environmentFor(name: string): Record<string, string>;
  /** The next program of that name to connect, or the one that has since the last call. */
  arrival(name: string, withinMs?: number): Promise<Member>;
};

const ARRIVAL_MS = 30_000;

/**
 * The connection of the bench to workers, independent of their supervisor: a socket in the workspace, one JSON document
 * per line. Idle during a measurement.
 */
export async function openChannel(directory: string, file = 'channel.sock'): Promise<Channel> {
  const path = join(directory, file);
  const arrivals = new Map<string, PromiseWithResolvers<Member>>();
  const slot = (name: string): PromiseWithResolvers<Member> => {
    const known = arrivals.get(name) ?? Promise.withResolvers<Member>();
    arrivals.set(name, known);
    return known;
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let answer: PromiseWithResolvers<Record<string, number>> | null = null;
    socket.once('close', () => {
      sockets.delete(socket);
      answer?.reject(new Error('the program went away'));
    });
    createInterface(socket).on('line', (line) => {
      const document = JSON.parse(line);
      if (typeof document.hello === 'string') slot(document.hello).resolve(member(document));
      else answer?.resolve(document);
    });
    const member = (hello: Member['hello']): Member => ({
      hello,
      send: (request) => void socket.write(`${JSON.stringify(request)}\n`),
      ask(request) {
        answer = Promise.withResolvers();
        socket.write(`${JSON.stringify(request)}\n`);
        return answer.promise;
      },
    });
  }).listen(path);
  await once(server, 'listening');
  return {
    environmentFor: (name) => ({ BENCH_SOCKET: path, BENCH_NAME: name }),
    async arrival(name, withinMs = ARRIVAL_MS) {
      const late = setTimeout(() => slot(name).reject(new Error(`${name} did not come up`)), withinMs);
      try {
        return await slot(name).promise;
      } finally {
        clearTimeout(late);
        arrivals.delete(name);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
