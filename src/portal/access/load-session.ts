import type { FastifyRequest } from 'fastify';
import type { PortalParts } from '../portal-parts.ts';
import { csrfTokenOf } from './csrf.ts';
import { secretHash } from './secrets.ts';
import { readSessionCookie } from './session-cookie.ts';
import { IDLE_MS } from './session-times.ts';

/** Looks the cookie's session up, as the store knows it now: what was revoked a moment ago is gone. */
export async function loadSession(request: FastifyRequest, parts: PortalParts): Promise<void> {
  const secret = readSessionCookie(request, parts);
  if (secret === null) return;
  const session = await parts.store.sessionBySecret(secretHash(secret), parts.now(), IDLE_MS);
  if (session === null) return;
  request.session = session;
  request.csrfToken = csrfTokenOf(secret);
}
