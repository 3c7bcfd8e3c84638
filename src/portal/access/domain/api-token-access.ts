import type { Account, ApiScope, ApiToken, Grant } from '../../store/access/access-store.ts';
import { mayView, visibleApps } from './roles.ts';
import { equalSecrets } from './secrets.ts';

/** What a request reads. `scope` null: nothing that a token can; `app` null: no app in particular. */
export type Reading = { scope: ApiScope | null; app: string | null };

export type TokenRefusal =
  | 'wrong secret'
  | 'revoked'
  | 'expired'
  | 'account removed'
  | 'not readable'
  | 'missing scope'
  | 'no access to the app';

type Decision = { is: 'reader'; account: Account } | { is: 'refused'; why: TokenRefusal };

/** Can the holder of a stored token read this? `account`: its account as it is now, null if it was removed. */
export function decideReading(
  token: ApiToken & { secretHash: string },
  account: Account | null,
  sent: { secretHash: string },
  { scope, app }: Reading,
  nowMs: number,
): Decision {
  const refused = (why: TokenRefusal): Decision => ({ is: 'refused', why });
  if (!equalSecrets(sent.secretHash, token.secretHash)) return refused('wrong secret');
  if (token.revokedAtMs !== null) return refused('revoked');
  if (token.expiresAtMs <= nowMs) return refused('expired');
  if (account === null) return refused('account removed');
  if (scope === null) return refused('not readable');
  if (!token.scopes.includes(scope)) return refused('missing scope');
  const reader = readerOf(token, account);
  if (app !== null && !mayView(reader, app)) return refused('no access to the app');
  // Metrics are about all apps.
  if (scope === 'metrics:read' && visibleApps(reader) !== '*') return refused('no access to the app');
  return { is: 'reader', account: reader };
}

/** The account with what both it and the token can see, and nothing that it can change. */
function readerOf({ apps }: ApiToken, account: Account): Account {
  const viewer = (app: string): Grant => ({ app, role: 'viewer' });
  const seen =
    apps === null ? account.grants.map(({ app }) => app) : apps.filter((app) => mayView(account, app));
  return { ...account, grants: seen.map(viewer) };
}

/** Admins, of any app, can create tokens. */
export function mayCreateApiTokens({ grants }: Account): boolean {
  return grants.some(({ role }) => role === 'admin');
}
