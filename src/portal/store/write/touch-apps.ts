import { sql } from 'kysely';
import { fromRows } from '../database/write-rows.ts';
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
  await sql`update app_activity set changes = changes + 1,
    last_crash_at = case when app_activity.last_crash_at is null or r.last_crash_at > app_activity.last_crash_at
      then r.last_crash_at else app_activity.last_crash_at end
    ${fromRows(dialect, 'app_activity', rows)}`.execute(transaction);
}
