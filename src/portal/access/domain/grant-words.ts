import { listWords } from '../../../formats/quantity-words.ts';
import type { Account, Grant } from '../../store/access/access-store.ts';
import { isOwner } from './roles.ts';

/** `owner of the portal`, `viewer of all apps`, `admin of shop`. */
export function grantWords({ app, role }: Grant): string {
  if (app !== '*') return `${role} of ${app}`;
  return role === 'admin' ? 'owner of the portal' : 'viewer of all apps';
}

/** What an account may do, in a few words. */
export function accessWords(account: Account): string {
  if (isOwner(account)) return 'owner of the portal';
  if (account.grants.length === 0) return 'no apps';
  const everywhere = account.grants.filter(({ app }) => app === '*');
  const single = account.grants.filter(({ app }) => app !== '*');
  const shown =
    everywhere.length > 0 ? [...everywhere, ...single.filter(({ role }) => role === 'admin')] : single;
  return listWords(shown.map(grantWords), 4);
}
