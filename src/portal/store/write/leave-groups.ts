import { sql } from 'kysely';
import { keyOf } from '../key-of.ts';
import type { CapturedCrash } from './attach.ts';
import type { WriteContext } from './write-context.ts';

/** Takes crashes out of the groups that they left for the group of their stack, after their rows changed. */
export async function leaveGroups(context: WriteContext, captured: readonly CapturedCrash[]): Promise<void> {
  const groups = Map.groupBy(captured, ({ appId, groupBefore }) => keyOf(appId, groupBefore));
  for (const [, crashes] of [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    await leaveGroup(context, crashes);
  }
}

async function leaveGroup({ transaction }: WriteContext, left: readonly CapturedCrash[]): Promise<void> {
  const [first] = left;
  if (first === undefined) return;
  const { appId, groupBefore: id } = first;
  const group = await transaction
    .selectFrom('signatures')
    .select(['first_seen', 'last_seen', 'crashes_total'])
    .where('app_id', '=', appId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (group === undefined) return;
  const times = new Set(left.map(({ atMs }) => atMs));
  const isFirst = times.has(group.first_seen);
  const isLast = times.has(group.last_seen);
  const rest = isFirst || isLast ? await timesOf(transaction, appId, id) : null;
  await transaction
    .updateTable('signatures')
    .set({
      crashes_total: group.crashes_total - left.length,
      first_seen: isFirst ? (rest?.first ?? group.first_seen) : group.first_seen,
      last_seen: isLast ? Math.min(rest?.last ?? group.last_seen, group.last_seen) : group.last_seen,
    })
    .where('app_id', '=', appId)
    .where('id', '=', id)
    .execute();
}

/** One subquery each: SQLite finds the ends of an index only where one is asked for at a time. */
async function timesOf(
  transaction: WriteContext['transaction'],
  appId: number,
  id: string,
): Promise<{ first: number | null; last: number | null } | null> {
  const ofGroup = sql`from crashes where app_id = ${appId} and signature = ${id}`;
  const { rows } = await sql<{ first: number | null; last: number | null }>`select
    (select min(at) ${ofGroup}) as first, (select max(at) ${ofGroup}) as last`.execute(transaction);
  return rows[0] ?? null;
}
