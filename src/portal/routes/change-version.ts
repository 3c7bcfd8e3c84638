import { visibleApps } from '../access/domain/roles.ts';
import type { Account } from '../store/access/access-store.ts';
import type { AppStore } from '../store/read/app-store.ts';

/**
 * Rises with every change of what the account sees, or of one app: what the live update compares. Asked for before the
 * rest of a page, so that no change falls between.
 */
export async function changeVersion(
  store: Pick<AppStore, 'changeCounters'>,
  account: Account,
  app: string | null,
): Promise<number> {
  const counters = await store.changeCounters(app === null ? visibleApps(account) : [app]);
  return [...counters.values()].reduce((sum, count) => sum + count, 0);
}
