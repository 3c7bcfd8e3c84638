import type { PortalParts } from '../../portal-parts.ts';
import type { AccountStore, LinkStore } from '../../store/access/access-store.ts';
import { firstSetupLink } from './links.ts';

/** The one-time link by which the first account is made; null where there is an account already. */
export async function ensureSetupLink(parts: PortalParts<AccountStore & LinkStore>): Promise<string | null> {
  const accounts = await parts.store.accounts();
  return accounts.length === 0 ? firstSetupLink(parts) : null;
}
