import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** An item of an envelope; of an event the parts that say what happened. */
export type ReportedEvent = { type: string; level?: unknown; exception?: unknown; modules?: unknown };

export type SentryServer = AsyncDisposable & {
  readonly dsn: string;
  /** Everything that arrived, in an order that does not depend on time. */
  events(): readonly ReportedEvent[];
};

/** Takes what the SDK sends: newline-separated JSON, an envelope's header and then each item's header and body. */
export async function sentryServer(): Promise<SentryServer> {
  const items: ReportedEvent[] = [];
  const server = createServer(async (request, response) => {
    items.push(...itemsOf(await bodyOf(request)));
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    dsn: `http://public@127.0.0.1:${port}/1`,
    events: () => items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const body = await buffer(request);
  return String(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
}

function itemsOf(envelope: string): ReportedEvent[] {
  const [, ...rest] = envelope.split('\n').filter((line) => line !== '');
  return rest.flatMap((line, index) => {
    if (index % 2 === 1) return [];
    const { type } = JSON.parse(line);
    const { level, exception, modules } = JSON.parse(rest[index + 1] ?? '{}');
    return [{ type, level, exception, modules }];
  });
}
