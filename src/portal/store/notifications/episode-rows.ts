import { type Selectable, sql } from 'kysely';
import type { CrashKind } from '../../../model/exit.ts';
import type { Episode, NotificationKind } from '../../../notify/episode.ts';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import type { Tables } from '../schema/tables.ts';
import { keyOf } from '../write/batch.ts';
import { decodeKind } from '../write/encode.ts';
import type { NotifiedEpisode } from './notification-store.ts';

/** An episode with what only the store knows of it. */
export type StoredEpisode = {
  appId: number;
  episode: Episode;
  kind: CrashKind;
  firstAtMs: number;
  lastAtMs: number;
  version: string | null;
  crashUid: string;
  reportUid: string | null;
  isLate: boolean;
  isAnnounced: boolean;
  /** Beyond the hourly limit: waits for the next digest. */
  held: NotificationKind | null;
  /** Never later than there is something to do. It may be earlier, so that it is rarely written. */
  wakeMs: number | null;
  /** In the database; 0 for a new one. */
  storedInstances: number;
  isStored: boolean;
};

const NAMES_SHOWN = 10;

export function notifiedEpisode(stored: StoredEpisode): NotifiedEpisode {
  const { episode, kind, version, crashUid, reportUid, firstAtMs, lastAtMs } = stored;
  return {
    id: episode.id,
    signature: episode.signature,
    kind,
    crashes: episode.crashes,
    instances: { count: episode.instances.length, names: episode.instances.slice(0, NAMES_SHOWN) },
    version,
    crashUid,
    reportUid,
    firstAtMs,
    lastAtMs,
    closedAtMs: episode.closedAtMs,
    returned: episode.returned,
  };
}

export function episodeOf(row: Selectable<Tables['episodes']>): StoredEpisode {
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
  groups: readonly Cell[][],
): Promise<Map<string, StoredEpisode>> {
  const byGroup = new Map<string, StoredEpisode>();
  if (groups.length === 0) return byGroup;
  const rows = jsonRows(dialect, { app_id: 'int', signature: 'text' }, groups);
  const links = await sql<Selectable<Tables['episode_groups']>>`
    select g.app_id, g.signature, g.episode_id from ${rows} as r
    join episode_groups as g on g.app_id = r.app_id and g.signature = r.signature`.execute(transaction);
  if (links.rows.length === 0) return byGroup;
  const ids = new Map(links.rows.map((link) => [keyOf(link.app_id, link.episode_id), link]));
  const wanted = jsonRows(
    dialect,
    { app_id: 'int', id: 'text' },
    [...ids.values()].map((link) => [link.app_id, link.episode_id]),
  );
  const found = await sql<Selectable<Tables['episodes']>>`select e.* from ${wanted} as r
    join episodes as e on e.app_id = r.app_id and e.id = r.id`.execute(transaction);
  const byId = new Map(found.rows.map((row) => [keyOf(row.app_id, row.id), episodeOf(row)]));
  for (const { app_id, signature, episode_id } of links.rows) {
    const episode = byId.get(keyOf(app_id, episode_id));
    if (episode !== undefined) byGroup.set(keyOf(app_id, signature), episode);
  }
  return byGroup;
}

const COLUMNS = {
  app_id: 'int',
  id: 'text',
  signature: 'text',
  kind: 'text',
  episode: 'text',
  instance_names: 'text',
  first_at: 'int',
  last_at: 'int',
  version: 'text',
  crash_uid: 'text',
  report_uid: 'text',
  late: 'int',
  announced: 'int',
  wake_at: 'int',
  closed_at: 'int',
  crashes: 'int',
  held: 'text',
} as const;
const ALL = Object.keys(COLUMNS);
const CHANGING = ALL.slice(4).filter((name) => name !== 'instance_names');

/** Inserts or updates; a closed episode no longer counts crashes of its groups. Needs the apps' lock. */
export async function saveEpisodes(
  dialect: DialectName,
  transaction: WriteTransaction,
  episodes: readonly StoredEpisode[],
): Promise<void> {
  const made = episodes.filter(({ isStored }) => !isStored);
  const changed = episodes.filter(({ isStored }) => isStored);
  if (made.length > 0) {
    await sql`insert into episodes (${sql.raw(ALL.join(', '))})
      select ${sql.raw(ALL.map((name) => `r.${name}`).join(', '))}
      from ${jsonRows(dialect, COLUMNS, made.map(cellsOf))} as r where true`.execute(transaction);
  }
  if (changed.length > 0) {
    const settings = CHANGING.map((name) => `${name} = r.${name}`).join(', ');
    await sql`update episodes set ${sql.raw(settings)},
        instance_names = coalesce(r.instance_names, episodes.instance_names)
      from ${jsonRows(dialect, COLUMNS, changed.map(cellsOf))} as r
      where episodes.app_id = r.app_id and episodes.id = r.id`.execute(transaction);
  }
  const closed = episodes.filter(({ episode }) => episode.closedAtMs !== null);
  if (closed.length > 0) {
    const ids = closed.map(({ appId, episode }) => [appId, episode.id]);
    await sql`delete from episode_groups where (app_id, episode_id) in
      (select r.app_id, r.id from ${jsonRows(dialect, { app_id: 'int', id: 'text' }, ids)} as r)`.execute(
      transaction,
    );
  }
}

/** From now on crashes of these groups count for these episodes. */
export async function linkEpisodes(
  dialect: DialectName,
  transaction: WriteTransaction,
  links: readonly { appId: number; group: string; episodeId: string }[],
): Promise<void> {
  if (links.length === 0) return;
  const columns = { app_id: 'int', signature: 'text', episode_id: 'text' } as const;
  const cells = links.map(({ appId, group, episodeId }) => [appId, group, episodeId]);
  await sql`insert into episode_groups (app_id, signature, episode_id)
    select r.app_id, r.signature, r.episode_id from ${jsonRows(dialect, columns, cells)} as r where true
    on conflict (app_id, signature) do update set episode_id = excluded.episode_id`.execute(transaction);
}

function cellsOf(stored: StoredEpisode): Cell[] {
  const { instances, ...episode } = stored.episode;
  const isSame = stored.isStored && instances.length === stored.storedInstances;
  return [
    stored.appId,
    episode.id,
    episode.signature,
    stored.kind,
    JSON.stringify(episode),
    isSame ? null : JSON.stringify(instances),
    stored.firstAtMs,
    stored.lastAtMs,
    stored.version,
    stored.crashUid,
    stored.reportUid,
    Number(stored.isLate),
    Number(stored.isAnnounced),
    stored.wakeMs,
    episode.closedAtMs,
    episode.crashes,
    stored.held,
  ];
}
