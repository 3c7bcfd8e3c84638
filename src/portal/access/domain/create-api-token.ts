import { CrashmonError } from '../../../model/crashmon-error.ts';
import type { PortalParts } from '../../portal-parts.ts';
import type {
  Account,
  ApiScope,
  ApiToken,
  ApiTokenStore,
  AuditStore,
} from '../../store/access/access-store.ts';
import { apiTokenWords, newApiToken } from './api-token.ts';
import { requireAppName } from './app-name.ts';
import { mayView } from './roles.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A token that never expires is forgotten, not revoked. */
const MOST_DAYS = 365;
const MOST_TOKENS = 50;
const MOST_APPS = 50;
export const MOST_TOKEN_NAME = 100;

export type NewApiToken = {
  name: string;
  scopes: readonly ApiScope[];
  /** null: all that the account can see. */
  apps: readonly string[] | null;
  validForMs: number;
};

type Parts = Pick<PortalParts<ApiTokenStore & AuditStore>, 'store' | 'now'>;

/**
 * A token that reads what its account can see, until it expires. Only the hash of `secret` is stored.
 * @throws CrashmonError BAD_REQUEST with what is wrong
 */
export async function createApiToken(
  { store, now }: Parts,
  account: Account,
  wanted: NewApiToken,
  by: string,
): Promise<ApiToken & { secret: string }> {
  const atMs = now();
  const why = whyNot(wanted, account) ?? (await tooMany(store, account, atMs));
  if (why !== null) throw new CrashmonError('BAD_REQUEST', why);
  const { id, token: secret, secretHash } = newApiToken();
  const token = await store.createApiToken({
    ...{ id, secretHash, accountId: account.id, name: wanted.name.trim(), createdBy: by },
    scopes: [...new Set(wanted.scopes)],
    apps: wanted.apps === null ? null : [...new Set(wanted.apps)],
    ...{ createdAtMs: atMs, expiresAtMs: atMs + wanted.validForMs },
  });
  const words = `${apiTokenWords(token)} of ${account.name}: ${token.scopes.join(', ')}`;
  await audit({ store, now }, token, 'api-token-created', by, words);
  return { ...token, secret };
}

/** @returns was it valid until now? */
export async function revokeApiToken({ store, now }: Parts, token: ApiToken, by: string): Promise<boolean> {
  const isNew = await store.revokeApiToken(token.id, now());
  if (isNew) await audit({ store, now }, token, 'api-token-revoked', by, apiTokenWords(token));
  return isNew;
}

/** An entry for each app that the token is limited to, so that the app's admins see it. */
async function audit(
  { store, now }: Parts,
  { apps }: ApiToken,
  what: string,
  who: string,
  detail: string,
): Promise<void> {
  for (const app of apps ?? [null]) await store.audit({ atMs: now(), who, what, app, detail });
}

function whyNot({ name, scopes, apps, validForMs }: NewApiToken, account: Account): string | null {
  const named = name.trim();
  if (named === '' || named.length > MOST_TOKEN_NAME || /\p{Cc}/u.test(named))
    return `Give the token a name of 1–${MOST_TOKEN_NAME} characters.`;
  if (scopes.length === 0) return 'Choose at least one scope.';
  if (!(validForMs > 0 && validForMs <= MOST_DAYS * DAY_MS))
    return `A token is valid for up to ${MOST_DAYS} days.`;
  if (apps === null) return null;
  if (apps.length === 0) return 'Enter the apps, or choose all apps.';
  if (apps.length > MOST_APPS) return `A token can name up to ${MOST_APPS} apps.`;
  if (scopes.includes('metrics:read'))
    return 'The scope metrics:read is about all apps: do not limit its token to some.';
  for (const app of apps) {
    requireAppName(app);
    if (!mayView(account, app)) return 'The account has no access to one of the apps.';
  }
  return null;
}

async function tooMany(store: ApiTokenStore, { id }: Account, nowMs: number): Promise<string | null> {
  const valid = (await store.apiTokens(id)).filter(
    ({ revokedAtMs, expiresAtMs }) => revokedAtMs === null && expiresAtMs > nowMs,
  );
  return valid.length < MOST_TOKENS
    ? null
    : `An account can have up to ${MOST_TOKENS} API tokens. Revoke one first.`;
}
