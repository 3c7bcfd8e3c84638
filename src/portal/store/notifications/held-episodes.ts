import { sql } from 'kysely';
import type { Notification } from '../../../notify/notification.ts';
import { type NotifiedEpisode, notifiedEpisode } from '../../../notify/notified-episode.ts';
import type { WriteTransaction } from '../database/database.ts';
import { episodeOf } from './episode-rows.ts';

export type DigestedEpisode = { kind: Notification['kind']; episode: NotifiedEpisode };

/** Episodes beyond the hourly limit: counts, and the largest of them. */
export type HeldEpisodes = {
  causes: number;
  crashes: number;
  open: number;
  firstMs: number | null;
  lastMs: number | null;
  most: DigestedEpisode[];
};

const MOST = 12;

/** Takes an app's held episodes for a digest. Needs the app's lock. */
export async function takeHeld(transaction: WriteTransaction, appId: number): Promise<HeldEpisodes> {
  // An episode that also has a notification of its own is counted there.
  const held = sql`from episodes where app_id = ${appId} and held is not null and id not in
    (select episode_id from notices where app_id = ${appId} and how = 'digest' and episode_id is not null)`;
  const { rows } = await sql<{
    causes: number;
    crashes: number | null;
    open: number | null;
    first_at: number | null;
    last_at: number | null;
  }>`select count(*) as causes, cast(sum(crashes) as bigint) as crashes,
      cast(sum(case when closed_at is null then 1 else 0 end) as bigint) as open,
      min(first_at) as first_at, max(last_at) as last_at ${held}`.execute(transaction);
  const { causes = 0, crashes = 0, open = 0, first_at = null, last_at = null } = rows[0] ?? {};
  const largest = await transaction
    .selectFrom('episodes')
    .selectAll()
    .where('app_id', '=', appId)
    .where('held', 'is not', null)
    .where(sql<boolean>`id not in (select episode_id from notices where app_id = ${appId} and how = 'digest'
      and episode_id is not null)`)
    .orderBy('crashes', 'desc')
    .limit(causes > 0 ? MOST : 0)
    .execute();
  const most = largest.map((row) => ({
    kind: row.held ?? ('opened' as const),
    episode: notifiedEpisode(episodeOf(row)),
  }));
  await transaction
    .updateTable('episodes')
    .set({ held: null })
    .where('app_id', '=', appId)
    .where('held', 'is not', null)
    .execute();
  return {
    causes,
    crashes: crashes ?? 0,
    open: open ?? 0,
    firstMs: first_at,
    lastMs: last_at,
    most,
  };
}
