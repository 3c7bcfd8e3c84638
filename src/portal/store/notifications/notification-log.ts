import { sql } from 'kysely';
import { type NotifiedEpisode, notifiedEpisode } from '../../../notify/notified-episode.ts';
import type { Database } from '../database/database.ts';
import { DAY_MS } from '../limits.ts';
import { episodeOf } from './episode-rows.ts';
import type { LoggedNotification } from './notification-store.ts';
import { deliveryOf } from './outbox.ts';

const KEPT_MS = 30 * DAY_MS;
const ROWS_AT_ONCE = 500;

export async function readLog(
  { reader }: Database,
  appId: number,
  limit: number,
): Promise<LoggedNotification[]> {
  const notifications = await reader
    .selectFrom('notices')
    .select(['id', 'kind', 'at', 'how', 'due', 'why', 'signature'])
    .where('app_id', '=', appId)
    .orderBy('at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  if (notifications.length === 0) return [];
  const rows = await reader
    .selectFrom('deliveries')
    .selectAll()
    .where('app_id', '=', appId)
    .where(
      'notice_id',
      'in',
      notifications.map(({ id }) => id),
    )
    .orderBy('address')
    .execute();
  return notifications.map(({ id, kind, at, how, due, why, signature }) => ({
    ...{ id, kind, atMs: at, how, dueMs: due, why, signature },
    deliveries: rows
      .filter(({ notice_id }) => notice_id === id)
      .map((row) => ({
        ...deliveryOf(row),
        ...{ targetId: row.target_id, type: row.type, address: row.address },
      })),
  }));
}

export async function countOutbox({ reader }: Database): Promise<{ waiting: number; dead: number }> {
  const rows = await reader
    .selectFrom('deliveries')
    .select((of) => ['state', of.cast<number>(of.fn.countAll(), 'bigint').as('n')])
    .where('state', '!=', 'delivered')
    .groupBy('state')
    .execute();
  const dead = rows.find(({ state }) => state === 'dead')?.n ?? 0;
  return { dead, waiting: rows.reduce((sum, { n }) => sum + n, 0) - dead };
}

export async function readNextDue({ reader }: Database): Promise<number | null> {
  const found = await sql<{ due: number | null }>`select min(due) as due from (
    select min(wake_at) as due from episodes where wake_at is not null
    union all select min(due) as due from notices where how = 'digest'
    union all select min(due) as due from deliveries where ended_at is null) as all_due`.execute(reader);
  return found.rows[0]?.due ?? null;
}

export async function readNewestEpisode(
  { reader }: Database,
  appId: number,
): Promise<NotifiedEpisode | null> {
  const row = await reader
    .selectFrom('episodes')
    .selectAll()
    .where('app_id', '=', appId)
    .orderBy('last_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : notifiedEpisode(episodeOf(row));
}

/** Deletes a notification with all its deliveries. */
export async function pruneNotifications({ writer }: Database, nowMs: number): Promise<boolean> {
  const before = nowMs - KEPT_MS;
  return writer.transaction().execute(async (transaction) => {
    const old = await transaction
      .selectFrom('notices')
      .select(['app_id', 'id'])
      .where('at', '<', before)
      .where('how', '!=', 'digest')
      .orderBy('at')
      .limit(ROWS_AT_ONCE)
      .execute();
    for (const { app_id, id } of old) {
      await transaction
        .deleteFrom('deliveries')
        .where('app_id', '=', app_id)
        .where('notice_id', '=', id)
        .execute();
      await transaction.deleteFrom('notices').where('app_id', '=', app_id).where('id', '=', id).execute();
    }
    const episodes = await sql`delete from episodes where (app_id, id) in
      (select app_id, id from episodes where closed_at < ${before} limit ${sql.lit(ROWS_AT_ONCE)})`.execute(
      transaction,
    );
    return old.length === ROWS_AT_ONCE || episodes.numAffectedRows === BigInt(ROWS_AT_ONCE);
  });
}
