import type { PortalParts } from '../portal-parts.ts';
import type { PortalServer } from './portal-server.ts';

/** Counts every answer, and logs those that people asked for: by route, because addresses can hold secrets. */
export function logRequests(server: PortalServer, { metrics, log }: PortalParts<unknown>): void {
  const answers = metrics.counter('crashmon_portal_responses_total', 'Answered requests by kind and status');
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    answers.add(1, { kind: kindOf(route), status: String(reply.statusCode) });
    if (QUIET.test(route)) return;
    log.info(
      { method: request.method, route, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'request',
    );
  });
}

/** Asked for all the time, by machines. */
const QUIET = /^\/(?:v1\/logs|livez|readyz|healthz|metrics|live|assets\/.*)$/;

function kindOf(route: string): string {
  if (route === '/v1/logs') return 'ingest';
  if (route.startsWith('/api/')) return 'api';
  return QUIET.test(route) ? 'machine' : 'page';
}
