import type { FastifyRequest } from 'fastify';
import type { PortalParts } from '../../portal-parts.ts';
import type { SessionStore } from '../../store/access/access-store.ts';
import { secretHash } from '../domain/secrets.ts';
import { IDLE_MS } from '../domain/session-times.ts';
import { csrfTokenOf } from './csrf.ts';
import { readSessionCookie } from './session-cookie.ts';

/** Looks the cookie's session up, as the store knows it now: what was revoked a moment ago is gone. */
export async function loadSession(request: FastifyRequest, parts: PortalParts<SessionStore>): Promise<void> {
  const secret = readSessionCookie(request, parts);
  if (secret === null) return;
  const session = await parts.store.sessionBySecret(secretHash(secret), parts.now(), IDLE_MS);
  if (session === null) return;
  request.session = session;
  request.csrfToken = csrfTokenOf(secret);
}
