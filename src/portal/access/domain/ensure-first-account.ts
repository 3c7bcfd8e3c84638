import type { PortalParts } from '../../portal-parts.ts';
import type { AccountStore, AuditStore, LinkStore } from '../../store/access/access-store.ts';
import { firstSetupLink } from './links.ts';
import { hashPassword } from './passwords/password-hash.ts';

/** The actor in the audit log. */
const BY_SECRET = 'start of the portal';

/**
 * Where there is no account: creates the first one from the operator's secret, else the one-time link by which it is made.
 * @returns the link
 */
export async function ensureFirstAccount(
  parts: PortalParts<AccountStore & LinkStore & AuditStore>,
): Promise<string | null> {
  const { store, now, settings } = parts;
  const accounts = await store.accounts();
  if (accounts.length > 0) return null;
  const { firstAccount } = settings;
  if (firstAccount == null) return firstSetupLink(parts);
  const { name, password } = firstAccount;
  const atMs = now();
  // null where another portal was first.
  const account = await store.createFirstAccount({ name, passwordHash: await hashPassword(password), atMs });
  if (account !== null)
    await store.audit({ atMs, who: BY_SECRET, what: 'first-account', app: null, detail: name });
  return null;
}
