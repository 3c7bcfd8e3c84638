import type { PortalParts } from '../../portal-parts.ts';
import type { LinkPurpose, LinkStore } from '../../store/access/access-store.ts';
import { newSecret, secretHash } from './secrets.ts';

const HOUR_MS = 60 * 60_000;
/** A link that sets a password, or makes the first account. */
export const SETUP_LINK_MS = 24 * HOUR_MS;
const SIGN_IN_LINK_MS = HOUR_MS;

type LinkParts = Pick<PortalParts<LinkStore>, 'store' | 'now' | 'baseUrl'>;

/** The link by which the account's password is set, once; links of the account that were made before end. */
export async function setupLink(parts: LinkParts, accountId: string): Promise<string> {
  await parts.store.removeLinksOf(accountId);
  return makeLink(parts, 'setup', accountId);
}

/** The link by which the first account is made; it ends when there is one. */
export async function firstSetupLink(parts: LinkParts): Promise<string> {
  return makeLink(parts, 'setup', null);
}

/** A link that signs in as the account without a password, once and within an hour. */
export async function signInLink(parts: LinkParts, accountId: string): Promise<string> {
  return makeLink(parts, 'sign-in', accountId);
}

async function makeLink(
  { store, now, baseUrl }: LinkParts,
  purpose: LinkPurpose,
  accountId: string | null,
): Promise<string> {
  const secret = newSecret();
  const [path, lastsMs] = purpose === 'setup' ? ['setup', SETUP_LINK_MS] : ['link', SIGN_IN_LINK_MS];
  const expiresAtMs = now() + lastsMs;
  await store.createOneTimeLink({ secretHash: secretHash(secret), purpose, accountId, expiresAtMs });
  return `${baseUrl()}/${path}/${secret}`;
}
