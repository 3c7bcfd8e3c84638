import type { FastifyRequest } from 'fastify';
import { csrfField, type PageContext } from '../../pages/page-context.ts';
import type { PortalParts } from '../../portal-parts.ts';
import { accountOf } from './guards.ts';

/** What a page is made with, of a request that a guard has let through. */
export function contextOf(request: FastifyRequest, parts: PortalParts<unknown>): PageContext {
  return {
    account: accountOf(request),
    csrf: csrfField(request.csrfToken),
    assetUrl: parts.assetUrl,
    nowMs: parts.now(),
  };
}
