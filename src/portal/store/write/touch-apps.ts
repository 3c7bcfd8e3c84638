import { sql } from 'kysely';
import { jsonRows } from '../database/json-rows.ts';
import { sameKey } from '../database/write-rows.ts';
import type { NewCrash } from './stored-crash.ts';
import type { WriteContext } from './write-context.ts';

/** Raises the change counters of the apps, and notes their last crash. */
export async function touchApps(
  { dialect, transaction, apps, nowMs }: WriteContext,
  inserted: readonly NewCrash[],
): Promise<void> {
  const last = new Map<number, number>();
  for (const { appId, atMs } of inserted) {
    last.set(appId, Math.max(last.get(appId) ?? 0, Math.min(atMs, nowMs)));
  }
  const rows = [...apps.keys()]
    .toSorted((a, b) => a - b)
    .map((appId) => ({ app_id: appId, last_crash_at: last.get(appId) ?? null }));
  await sql`update apps set changes = changes + 1,
    last_crash_at = case when apps.last_crash_at is null or r.last_crash_at > apps.last_crash_at
      then r.last_crash_at else apps.last_crash_at end
    from ${jsonRows(dialect, 'apps', rows)} as r where ${sameKey('apps')}`.execute(transaction);
}
