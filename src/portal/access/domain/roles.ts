import type { Account, Grant } from '../../store/access/access-store.ts';

const covers = (grant: Grant, app: string) => grant.app === '*' || grant.app === app;

export function mayView({ grants }: Account, app: string): boolean {
  return grants.some((grant) => covers(grant, app));
}

export function mayAdminister({ grants }: Account, app: string): boolean {
  return grants.some((grant) => grant.role === 'admin' && covers(grant, app));
}

/** Owners administer every app, the accounts and the portal itself. */
export function isOwner({ grants }: Account): boolean {
  return grants.some(({ app, role }) => app === '*' && role === 'admin');
}

/** What to ask the store for: names of apps, or all there are. */
export function visibleApps({ grants }: Account): string[] | '*' {
  const apps = grants.map(({ app }) => app);
  return apps.includes('*') ? '*' : [...new Set(apps)];
}
