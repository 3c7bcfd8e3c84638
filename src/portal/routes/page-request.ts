import type { FastifyReply, FastifyRequest } from 'fastify';
import { visibleApps } from '../access/domain/roles.ts';
import { csrfField } from '../access/http/csrf.ts';
import { accountOf } from '../access/http/guards.ts';
import type { PageContext } from '../pages/page-context.ts';
import type { PortalParts } from '../portal-parts.ts';
import type { Account, PortalStore } from '../store/portal-store.ts';

/** What a page is made with, of a request that a guard has let through. */
export function contextOf(request: FastifyRequest, parts: PortalParts): PageContext {
  return {
    account: accountOf(request),
    csrf: csrfField(request),
    assetUrl: parts.assetUrl,
    nowMs: parts.now(),
  };
}

/** Pages show what is so now, to one account. */
export function sendPage(reply: FastifyReply, page: string): FastifyReply {
  return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page);
}

export function appOf(request: FastifyRequest): string {
  return (request.params as { app: string }).app;
}

/**
 * Rises with every change of what the account sees, or of one app: what the live update compares. Asked for before the
 * rest of a page, so that no change falls between.
 */
export async function changeVersion(
  store: Pick<PortalStore, 'changeCounters'>,
  account: Account,
  app: string | null,
): Promise<number> {
  const counters = await store.changeCounters(app === null ? visibleApps(account) : [app]);
  return [...counters.values()].reduce((sum, count) => sum + count, 0);
}
