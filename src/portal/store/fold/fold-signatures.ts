import { sql } from 'kysely';
import type { WriteTransaction } from '../database/database.ts';
import { earliest, latest, merge, plus } from '../database/write-rows.ts';
import { OTHER_GROUP } from '../limits.ts';
import { OTHER_NAME } from '../write/group-name.ts';
import { foldCounts } from './fold-counts.ts';

const MOST_GROUPS = 200;
/** Crash rows that one step rewrites. */
const MOST_CRASHES = 2_000;
const SEEN = [earliest('first_seen'), latest('last_seen')];

/**
 * Folds groups into `OTHER_GROUP`: those with the fewest crashes, the oldest first. Groups with a note and resolved ones
 * stay. Needs the app's lock. @returns their ids
 */
export async function foldSignatures(transaction: WriteTransaction, appId: number): Promise<Set<string>> {
  const rows = await transaction
    .selectFrom('signatures')
    .select(['id', 'kind', 'crashes_total', 'first_seen', 'last_seen'])
    .where('app_id', '=', appId)
    .where('id', '!=', OTHER_GROUP)
    .where('note', '=', '')
    .where('resolved_at', 'is', null)
    .orderBy('crashes_total')
    .orderBy('last_seen')
    .limit(MOST_GROUPS)
    .execute();
  let crashes = 0;
  const folded = rows.filter((row, at) => {
    crashes += row.crashes_total;
    return at === 0 || crashes <= MOST_CRASHES;
  });
  const [first] = folded;
  if (first === undefined) return new Set();
  const ids = folded.map(({ id }) => id);
  const firstMs = Math.min(...folded.map(({ first_seen }) => first_seen));
  const lastMs = Math.max(...folded.map(({ last_seen }) => last_seen));
  const total = folded.reduce((sum, { crashes_total }) => sum + crashes_total, 0);
  const { title } = OTHER_NAME;
  await sql`insert into signatures as t (app_id, id, title, kind, exception_type, has_stack, first_seen, last_seen,
      crashes_total, instances)
    values (${appId}, ${OTHER_GROUP}, ${title}, ${first.kind}, null, 1, ${firstMs}, ${lastMs}, ${total}, 0)
    ${merge('signatures', [plus('crashes_total'), ...SEEN])}`.execute(transaction);
  await transaction
    .updateTable('crashes')
    .set({ signature: OTHER_GROUP })
    .where('app_id', '=', appId)
    .where('signature', 'in', ids)
    .execute();
  await foldCounts(transaction, { appId, dimension: 's', keys: ids, into: OTHER_GROUP, firstMs, lastMs });
  const among = sql`app_id = ${appId} and signature in (${sql.join(ids)})`;
  await sql`insert into signature_versions as t (app_id, signature, version, n, first_seen, last_seen)
    select app_id, ${OTHER_GROUP}, version, cast(sum(n) as bigint), min(first_seen), max(last_seen)
    from signature_versions where ${among} group by app_id, version
    ${merge('signature_versions', [plus('n'), ...SEEN])}`.execute(transaction);
  await sql`insert into signature_instances as t (app_id, signature, instance, n, last_seen)
    select app_id, ${OTHER_GROUP}, instance, cast(sum(n) as bigint), max(last_seen)
    from signature_instances where ${among} group by app_id, instance
    ${merge('signature_instances', [plus('n'), latest('last_seen')])}`.execute(transaction);
  for (const table of ['signature_versions', 'signature_instances', 'aliases'] as const) {
    await sql`delete from ${sql.table(table)} where ${among}`.execute(transaction);
  }
  await sql`delete from signatures where app_id = ${appId} and id in (${sql.join(ids)})`.execute(transaction);
  // Values that only led to a group without crashes: those of a crash before its stack arrived with it.
  await sql`delete from aliases where app_id = ${appId} and signature not in
    (select id from signatures where app_id = ${appId})`.execute(transaction);
  await sql`update signatures set instances = (select count(*) from signature_instances
      where app_id = ${appId} and signature = ${OTHER_GROUP})
    where app_id = ${appId} and id = ${OTHER_GROUP}`.execute(transaction);
  return new Set(ids);
}
