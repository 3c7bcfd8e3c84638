import { sql } from 'kysely';
import type { WriteTransaction } from '../database/database.ts';
import { earliest, latest, merge, plus } from '../database/write-rows.ts';
import { OTHER_INSTANCE } from '../limits.ts';
import { foldCounts } from './fold-counts.ts';

const MOST_INSTANCES = 200;
const CHANGES = [
  ...[plus('crashes_total'), plus('lost_records')],
  ...[earliest('first_seen'), latest('last_seen'), latest('last_crash_at')],
];

/**
 * Folds instances into `OTHER_INSTANCE`: those that sent nothing since a time, or also all that stopped, the oldest
 * first. Their crashes keep their names. Needs the app's lock. @returns how many
 */
export async function foldInstances(
  transaction: WriteTransaction,
  appId: number,
  { seenBeforeMs, orStopped }: { seenBeforeMs: number; orStopped: boolean },
): Promise<number> {
  const folded = await transaction
    .selectFrom('instances')
    .select(['instance', 'first_seen', 'last_seen', 'last_crash_at', 'crashes_total', 'lost_records'])
    .where('app_id', '=', appId)
    .where('instance', '!=', OTHER_INSTANCE)
    .where((or) => or.or([or('last_seen', '<', seenBeforeMs), ...(orStopped ? [or('stopped', '=', 1)] : [])]))
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
    ${merge('instances', CHANGES)}`.execute(transaction);
  const range = { firstMs, lastMs: Math.max(lastMs, crashedMs ?? 0) };
  await foldCounts(transaction, { appId, dimension: 'i', keys: names, into: OTHER_INSTANCE, ...range });
  const among = sql`app_id = ${appId} and instance in (${sql.join(names)})`;
  // The count of instances of a group stays as it is.
  await sql`insert into signature_instances as t (app_id, signature, instance, n, last_seen)
    select app_id, signature, ${OTHER_INSTANCE}, cast(sum(n) as bigint), max(last_seen)
    from signature_instances where ${among} group by app_id, signature
    ${merge('signature_instances', [plus('n'), latest('last_seen')])}`.execute(transaction);
  for (const table of ['signature_instances', 'state_changes', 'instances'] as const) {
    await sql`delete from ${sql.table(table)} where ${among}`.execute(transaction);
  }
  return folded.length;
}
