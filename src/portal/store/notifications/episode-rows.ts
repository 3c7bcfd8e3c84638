import { sql } from 'kysely';
import type { Episode, NotificationKind } from '../../../notify/episode.ts';
import type { FollowedEpisode } from '../../../notify/episode-batch.ts';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { isAmong, joinStored } from '../database/of-apps.ts';
import { insertRows, updateRows, upsertRows } from '../database/write-rows.ts';
import { decodeKind } from '../encode.ts';
import { keyOf } from '../key-of.ts';
import type { Row } from '../schema/tables.ts';

/** An episode with what only the store knows of it. */
export type StoredEpisode = FollowedEpisode & {
  appId: number;
  isAnnounced: boolean;
  /** Beyond the hourly limit: waits for the next digest. */
  held: NotificationKind | null;
  /** In the database; 0 for a new one. */
  storedInstances: number;
  isStored: boolean;
};

/** Crashes of the group count for the episode. */
export type EpisodeLink = { appId: number; group: string; episodeId: string };

export function newEpisode(appId: number, followed: FollowedEpisode): StoredEpisode {
  return { ...followed, appId, isAnnounced: false, held: null, storedInstances: 0, isStored: false };
}

export function episodeOf(row: Row<'episodes'>): StoredEpisode {
  const instances = JSON.parse(row.instance_names) as string[];
  const episode = { ...(JSON.parse(row.episode) as Omit<Episode, 'instances'>), instances };
  return {
    appId: row.app_id,
    episode,
    kind: decodeKind(row.kind),
    firstAtMs: row.first_at,
    lastAtMs: row.last_at,
    version: row.version,
    crashUid: row.crash_uid,
    reportUid: row.report_uid,
    isLate: row.late === 1,
    isAnnounced: row.announced === 1,
    held: row.held,
    wakeMs: row.wake_at,
    storedInstances: instances.length,
    isStored: true,
  };
}

/** Open episodes by the groups that they count, keys of app and group. Needs the apps' lock. */
export async function openEpisodes(
  dialect: DialectName,
  transaction: WriteTransaction,
  groups: readonly Pick<Row<'episode_groups'>, 'app_id' | 'signature'>[],
): Promise<Map<string, { group: string; stored: StoredEpisode }>> {
  const byGroup = new Map<string, { group: string; stored: StoredEpisode }>();
  if (groups.length === 0) return byGroup;
  const links = await sql<Row<'episode_groups'>>`select g.app_id, g.signature, g.episode_id
    ${joinStored(dialect, 'episode_groups', 'g', groups)}`.execute(transaction);
  if (links.rows.length === 0) return byGroup;
  const ids = new Map(links.rows.map(({ app_id, episode_id: id }) => [keyOf(app_id, id), { app_id, id }]));
  const found = await sql<Row<'episodes'>>`select e.*
    ${joinStored(dialect, 'episodes', 'e', [...ids.values()])}`.execute(transaction);
  const byId = new Map(found.rows.map((row) => [keyOf(row.app_id, row.id), episodeOf(row)]));
  for (const { app_id, signature, episode_id } of links.rows) {
    const stored = byId.get(keyOf(app_id, episode_id));
    if (stored !== undefined) byGroup.set(keyOf(app_id, signature), { group: signature, stored });
  }
  return byGroup;
}

/** Inserts or updates; a closed episode no longer counts crashes of its groups. Needs the apps' lock. */
export async function saveEpisodes(
  dialect: DialectName,
  transaction: WriteTransaction,
  episodes: readonly StoredEpisode[],
): Promise<void> {
  const made = episodes.filter(({ isStored }) => !isStored);
  const changed = episodes.filter(({ isStored }) => isStored);
  if (made.length > 0) await insertRows(dialect, 'episodes', made.map(rowOf)).execute(transaction);
  const changes = changed.map((stored) => {
    const { signature: _, kind: __, ...row } = rowOf(stored);
    return { row, hasNewNames: stored.episode.instances.length !== stored.storedInstances };
  });
  const withNames = changes.filter(({ hasNewNames }) => hasNewNames).map(({ row }) => row);
  const others = changes
    .filter(({ hasNewNames }) => !hasNewNames)
    .map(({ row: { instance_names: _, ...row } }) => row);
  if (withNames.length > 0) await updateRows(dialect, 'episodes', withNames).execute(transaction);
  if (others.length > 0) await updateRows(dialect, 'episodes', others).execute(transaction);
  const closed = episodes.filter(({ episode }) => episode.closedAtMs !== null);
  if (closed.length > 0) {
    const ids = closed.map(({ appId, episode }) => ({ app_id: appId, episode_id: episode.id }));
    await sql`delete from episode_groups where ${isAmong(dialect, 'episode_groups', ids)}`.execute(
      transaction,
    );
  }
}

/** From now on crashes of these groups count for these episodes. */
export async function linkEpisodes(
  dialect: DialectName,
  transaction: WriteTransaction,
  links: readonly EpisodeLink[],
): Promise<void> {
  if (links.length === 0) return;
  const rows = links.map(({ appId, group, episodeId }) => ({
    ...{ app_id: appId, signature: group, episode_id: episodeId },
  }));
  const changes = ['episode_id = excluded.episode_id'];
  await upsertRows(dialect, 'episode_groups', rows, changes).execute(transaction);
}

function rowOf(stored: StoredEpisode): Row<'episodes'> {
  const { instances, ...episode } = stored.episode;
  return {
    app_id: stored.appId,
    id: episode.id,
    signature: episode.signature,
    kind: stored.kind,
    episode: JSON.stringify(episode),
    instance_names: JSON.stringify(instances),
    first_at: stored.firstAtMs,
    last_at: stored.lastAtMs,
    version: stored.version,
    crash_uid: stored.crashUid,
    report_uid: stored.reportUid,
    late: Number(stored.isLate),
    announced: Number(stored.isAnnounced),
    wake_at: stored.wakeMs,
    closed_at: episode.closedAtMs,
    crashes: episode.crashes,
    held: stored.held,
  };
}
