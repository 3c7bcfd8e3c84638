import type { FastifyReply, FastifyRequest } from 'fastify';
import { isSecret } from '../domain/secrets.ts';

type Security = { isSecure: boolean };

/** `__Host-`: browsers take it only with Secure, for this host alone, so that no neighboring host can plant one. */
const cookieName = ({ isSecure }: Security) => (isSecure ? '__Host-crashmon' : 'crashmon');

const options = ({ isSecure }: Security) =>
  ({ path: '/', httpOnly: true, secure: isSecure, sameSite: 'lax' }) as const;

/** The secret of a session, as the browser shows it; null where there is none or no such thing. */
export function readSessionCookie(request: FastifyRequest, security: Security): string | null {
  const value = request.cookies[cookieName(security)];
  return isSecret(value) ? value : null;
}

export function setSessionCookie(
  reply: FastifyReply,
  security: Security,
  secret: string,
  maxAgeS: number,
): void {
  reply.setCookie(cookieName(security), secret, { ...options(security), maxAge: maxAgeS });
}

export function clearSessionCookie(reply: FastifyReply, security: Security): void {
  reply.clearCookie(cookieName(security), options(security));
}
