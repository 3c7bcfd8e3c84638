import { sql } from 'kysely';
import type { WriteTransaction } from './database/database.ts';
import { foldCounts } from './fold-counts.ts';
import { DAY_MS, OTHER_INSTANCE } from './limits.ts';

const MOST_INSTANCES = 200;

/**
 * Folds instances into `OTHER_INSTANCE`: those that stopped, or were not heard of for a day, the oldest first. Their
 * crashes keep their names. Needs the app's lock. @returns how many
 */
export async function foldInstances(
  transaction: WriteTransaction,
  appId: number,
  nowMs: number,
): Promise<number> {
  const folded = await transaction
    .selectFrom('instances')
    .select(['instance', 'first_seen', 'last_seen', 'last_crash_at', 'crashes_total', 'lost_records'])
    .where('app_id', '=', appId)
    .where('instance', '!=', OTHER_INSTANCE)
    .where((or) => or.or([or('stopped', '=', 1), or('last_seen', '<', nowMs - DAY_MS)]))
    .orderBy('last_seen')
    .limit(MOST_INSTANCES)
    .execute();
  if (folded.length === 0) return 0;
  const names = folded.map(({ instance }) => instance);
  const sum = (key: 'crashes_total' | 'lost_records') => folded.reduce((all, row) => all + row[key], 0);
  const firstMs = Math.min(...folded.map(({ first_seen }) => first_seen));
  const lastMs = Math.max(...folded.map(({ last_seen }) => last_seen));
  const crashedMs = Math.max(0, ...folded.map(({ last_crash_at }) => last_crash_at ?? 0)) || null;
  await sql`insert into instances as t (app_id, instance, state_order, window_at, heartbeat_at, first_seen, last_seen,
      last_crash_at, crashes_total, lost_records, changes_kept)
    values (${appId}, ${OTHER_INSTANCE}, 0, 0, 0, ${firstMs}, ${lastMs}, ${crashedMs}, ${sum('crashes_total')},
      ${sum('lost_records')}, 0)
    on conflict (app_id, instance) do update set crashes_total = t.crashes_total + excluded.crashes_total,
      lost_records = t.lost_records + excluded.lost_records,
      first_seen = case when excluded.first_seen < t.first_seen then excluded.first_seen else t.first_seen end,
      last_seen = case when excluded.last_seen > t.last_seen then excluded.last_seen else t.last_seen end,
      last_crash_at = case when t.last_crash_at is null or excluded.last_crash_at > t.last_crash_at
        then excluded.last_crash_at else t.last_crash_at end`.execute(transaction);
  const range = { firstMs, lastMs: Math.max(lastMs, crashedMs ?? 0) };
  await foldCounts(transaction, { appId, dimension: 'i', keys: names, into: OTHER_INSTANCE, ...range });
  const among = sql`app_id = ${appId} and instance in (${sql.join(names)})`;
  // How many instances had a group stays as it was counted.
  await sql`insert into signature_instances as t (app_id, signature, instance, n, last_seen)
    select app_id, signature, ${OTHER_INSTANCE}, cast(sum(n) as bigint), max(last_seen)
    from signature_instances where ${among} group by app_id, signature
    on conflict (app_id, signature, instance) do update set n = t.n + excluded.n,
      last_seen = case when excluded.last_seen > t.last_seen then excluded.last_seen else t.last_seen end`.execute(
    transaction,
  );
  for (const table of ['signature_instances', 'state_changes', 'instances'] as const) {
    await sql`delete from ${sql.table(table)} where ${among}`.execute(transaction);
  }
  return folded.length;
}
