import { createHmac } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { CrashmonError } from '../../../model/crashmon-error.ts';
import { equalSecrets } from '../domain/secrets.ts';

/** Bound to one session by its secret, which only its cookie holds: nothing is stored, every portal process knows it. */
export function csrfTokenOf(sessionSecret: string): string {
  return createHmac('sha256', sessionSecret).update('crashmon csrf v1').digest('base64url');
}

/**
 * The form's field, or the header `x-csrf-token` of scripts.
 *
 * @throws CrashmonError NOT_ALLOWED where it is missing or another session's
 */
export function checkCsrfToken(request: FastifyRequest): void {
  const body = request.body as { csrf?: unknown } | null | undefined;
  const given = request.headers['x-csrf-token'] ?? body?.csrf;
  if (typeof given === 'string' && request.csrfToken !== null && equalSecrets(given, request.csrfToken))
    return;
  throw new CrashmonError(
    'NOT_ALLOWED',
    'The session of this form has ended. Go back, reload the page and try again.',
  );
}
