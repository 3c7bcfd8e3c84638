import type { FastifyRequest } from 'fastify';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { PortalServer } from '../../http/portal-server.ts';
import type { PortalParts } from '../../portal-parts.ts';
import { checkCsrfToken } from './csrf.ts';
import { loadSession } from './load-session.ts';
import { isSameOrigin } from './same-origin.ts';
import './session-of-request.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The form is used without a session, so it has no token; its origin is still checked. */
    beforeSession?: boolean;
  }
}

import type { SessionStore } from '../../store/access/access-store.ts';

const CHANGES_NOTHING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Gives every request of this scope that comes after `session`, and refuses those that change something without coming
 * from a page of the portal's. Needs @fastify/cookie and @fastify/formbody in the scope.
 */
export async function registerAccess(server: PortalServer, parts: PortalParts<SessionStore>): Promise<void> {
  server.decorateRequest('session', null);
  server.decorateRequest('csrfToken', null);
  server.decorateRequest('reader', null);
  server.addHook('onRequest', async (request) => {
    if (!CHANGES_NOTHING.has(request.method)) checkOrigin(request, parts);
    await loadSession(request, parts);
  });
  server.addHook('preValidation', async (request) => {
    if (CHANGES_NOTHING.has(request.method) || request.session === null) return;
    if (request.routeOptions.config.beforeSession !== true) checkCsrfToken(request);
  });
}

function checkOrigin(request: FastifyRequest, parts: PortalParts<SessionStore>): void {
  const own = [`${request.protocol}://${request.host}`, new URL(parts.baseUrl()).origin];
  if (isSameOrigin(request.headers, own)) return;
  throw new CrashmonError(
    'NOT_ALLOWED',
    'This form was sent from another site. If it was not, start the portal with --public-url.',
  );
}
