import type { FastifyRequest } from 'fastify';
import type { PortalParts } from '../../portal-parts.ts';
import type { AuditStore } from '../../store/access/access-store.ts';
import { accountOf } from './guards.ts';

/** Writes down what the signed-in person did. `app`: null where it is about the portal. */
export async function audit(
  request: FastifyRequest,
  { store, now }: PortalParts<AuditStore>,
  what: string,
  app: string | null,
  detail: string,
): Promise<void> {
  await store.audit({ atMs: now(), who: accountOf(request).name, what, app, detail });
}
