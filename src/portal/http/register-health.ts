import { setTimeout as delay } from 'node:timers/promises';
import type { PortalParts } from '../portal-parts.ts';
import type { PortalServer } from './portal-server.ts';

const DEADLINE_MS = 2_000;

/**
 * `/livez`: 200 while the process answers: only a restart would help otherwise. `/readyz`, also under its older name `/healthz`: 200
 * where the database begins a transaction that writes, else 503, as it is once a stop was asked for. One look at a time, however
 * many ask.
 */
export function registerHealth(
  server: PortalServer,
  { store, isDraining }: PortalParts<Pick<PortalParts['store'], 'dialect' | 'ping'>>,
): void {
  let look: Promise<boolean> | null = null;
  const isHealthy = () => {
    look ??= answersInTime(() => store.ping()).finally(() => {
      look = null;
    });
    return look;
  };
  server.get('/livez', async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok' }),
  );
  for (const url of ['/readyz', '/healthz']) {
    server.get(url, async (_request, reply) => {
      const draining = isDraining();
      const healthy = !draining && (await isHealthy());
      const status = healthy ? 'ok' : draining ? 'stopping' : 'unavailable';
      const body = { status, database: store.dialect };
      return reply
        .code(healthy ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(body);
    });
  }
}

async function answersInTime(ping: () => Promise<void>): Promise<boolean> {
  const over = new AbortController();
  const late = delay(DEADLINE_MS, false, { signal: over.signal, ref: false }).catch(() => false);
  try {
    return await Promise.race([ping().then(() => true), late]);
  } catch {
    return false;
  } finally {
    over.abort();
  }
}
