import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Hundreds of requests a second, and processor time for what is tested. */
const PAUSE_MS = 3;

export type Load = AsyncDisposable & {
  /** Answers that came so far, and requests that got none. */
  readonly answered: number;
  readonly failed: number;
  /** Settles when so many more answers have come. */
  answers(count: number): Promise<void>;
};

/**
 * Clients that send one request after the other until they are disposed of, each on a connection of its own. A client
 * whose server is gone waits a little and tries again.
 */
export function startLoad(once: () => Promise<void>, clients = 4): Load {
  let [answered, failed, over] = [0, 0, false];
  const waiting = new Set<() => void>();
  const loop = async () => {
    while (!over) {
      try {
        await once();
        answered += 1;
        for (const look of waiting) look();
        await delay(PAUSE_MS);
      } catch {
        failed += 1;
        await delay(5);
      }
    }
  };
  const loops = Array.from({ length: clients }, loop);
  return {
    get answered() {
      return answered;
    },
    get failed() {
      return failed;
    },
    async answers(count) {
      const wanted = answered + count;
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => {
        if (answered >= wanted) resolve();
      };
      waiting.add(look);
      await promise;
      waiting.delete(look);
    },
    async [Symbol.asyncDispose]() {
      over = true;
      await Promise.all(loops);
    },
  };
}

export type Address = { socketPath: string } | { host: '127.0.0.1'; port: number };

/** Text of an answer; rejects where none comes. */
export function get(address: Address, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ ...address, path, agent: false, timeout: 60_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => void chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
  });
}
