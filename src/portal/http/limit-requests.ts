import type { PortalParts } from '../portal-parts.ts';
import type { PortalServer } from './portal-server.ts';
import { TokenBuckets } from './token-buckets.ts';

/** A person clicks less, and an open page polls less. */
export const REQUESTS_A_MINUTE = 1200;

/** Per address, in this process. @throws an error with status 429 */
export function limitRequests(server: PortalServer, { now }: Pick<PortalParts, 'now'>): void {
  const buckets = new TokenBuckets({ perSecond: REQUESTS_A_MINUTE / 60, burst: REQUESTS_A_MINUTE });
  server.addHook('onRequest', async ({ ip }, reply) => {
    const waitMs = buckets.waitMs(ip, now());
    if (waitMs > 0) {
      reply.header('retry-after', String(Math.ceil(waitMs / 1000)));
      throw Object.assign(new Error('too many requests'), { statusCode: 429 });
    }
    buckets.take(ip, 1, now());
  });
}
