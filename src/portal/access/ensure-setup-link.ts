import type { PortalParts } from '../portal-parts.ts';

/** The one-time link by which the first account is made; null where there is an account already. */
export async function ensureSetupLink(_parts: PortalParts): Promise<string | null> {
  return null;
}
