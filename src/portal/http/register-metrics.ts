import { createHash, timingSafeEqual } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PortalParts } from '../portal-parts.ts';
import type { PortalServer } from './portal-server.ts';

/**
 * `/metrics` in Prometheus' text format, for this machine or with the token that was set for it.
 * @param requireToken answers or throws unless the request has an API token for metrics
 */
export function registerMetrics(
  server: PortalServer,
  parts: PortalParts<unknown>,
  requireToken: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>,
): void {
  const { metrics, settings } = parts;
  addProcessMetrics(server, parts);
  server.get('/metrics', async (request, reply) => {
    if (!mayRead(request, settings.metricsToken)) {
      await requireToken(request, reply);
      if (reply.sent) return reply;
    }
    return reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(metrics.text());
  });
}

function addProcessMetrics(server: PortalServer, { metrics, openConnections }: PortalParts<unknown>): void {
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  server.addHook('onClose', async () => {
    lag.disable();
  });
  metrics.gauge('crashmon_portal_resident_bytes', 'Resident memory of the process', () =>
    process.memoryUsage.rss(),
  );
  metrics.gauge('crashmon_portal_event_loop_lag_seconds', '99th percentile since the last request', () => {
    const seconds = lag.percentile(99) / 1e9;
    lag.reset();
    return Number.isFinite(seconds) ? seconds : 0;
  });
  metrics.gauge('crashmon_portal_connections', 'Open connections', openConnections);
}

/** A request that a proxy on this machine forwarded does not come from this machine. */
function mayRead(request: FastifyRequest, token: string | null): boolean {
  const { authorization = '', forwarded, 'x-forwarded-for': forwardedFor } = request.headers;
  const isForwarded = forwarded !== undefined || forwardedFor !== undefined;
  if (!isForwarded && isLoopback(request.socket.remoteAddress ?? '')) return true;
  return token !== null && timingSafeEqual(digest(authorization), digest(`Bearer ${token}`));
}

function isLoopback(address: string): boolean {
  return /^(?:::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/.test(address);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
