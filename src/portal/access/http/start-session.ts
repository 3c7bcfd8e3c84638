import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PortalParts } from '../../portal-parts.ts';
import type { AccessStore, Account } from '../../store/access/access-store.ts';
import { newSecret, secretHash } from '../domain/secrets.ts';
import { clearSessionCookie, setSessionCookie } from './session-cookie.ts';
import './session-of-request.ts';
import { ABSOLUTE_MS } from '../domain/session-times.ts';

/** Always with a new secret; an earlier session of this browser ends. */
export async function startSession(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: PortalParts<AccessStore>,
  account: Account,
): Promise<void> {
  const { store, now } = parts;
  const secret = newSecret();
  const atMs = now();
  if (request.session !== null) await store.endSession(request.session.id);
  await store.createSession({
    secretHash: secretHash(secret),
    accountId: account.id,
    atMs,
    expiresAtMs: atMs + ABSOLUTE_MS,
    userAgent: request.headers['user-agent'] ?? '',
  });
  await store.noteSignIn(account.id, atMs);
  setSessionCookie(reply, parts, secret, ABSOLUTE_MS / 1000);
}

export async function endSession(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: PortalParts<AccessStore>,
): Promise<void> {
  if (request.session !== null) await parts.store.endSession(request.session.id);
  clearSessionCookie(reply, parts);
}
