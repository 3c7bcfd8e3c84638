import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { EpisodeBatch, type FollowedCrash } from '../../../notify/episode-batch.ts';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { joinStored } from '../database/of-apps.ts';
import { keyOf } from '../key-of.ts';
import { HOUR_MS } from '../limits.ts';
import type { Row } from '../schema/tables.ts';
import type { Announcer } from './announce.ts';
import {
  type EpisodeLink,
  linkEpisodes,
  newEpisode,
  openEpisodes,
  type StoredEpisode,
  saveEpisodes,
} from './episode-rows.ts';

export type AppCrash = Omit<FollowedCrash, 'resolvedAtMs'> & { appId: number };

/** A crash older than this is reported as past. */
const LATE_MS = HOUR_MS;

type Group = Pick<Row<'signatures'>, 'app_id' | 'id'>;

/**
 * Opens and continues the episodes of crashes, and writes their notifications into the outbox: one step per episode,
 * for any number of crashes. Needs the apps' lock, and the signatures as they were before these crashes.
 *
 * @returns is there something to send?
 */
export async function followCrashes(
  dialect: DialectName,
  transaction: WriteTransaction,
  announcer: Announcer,
  apps: ReadonlyMap<number, string>,
  crashes: readonly AppCrash[],
  nowMs: number,
): Promise<boolean> {
  if (crashes.length === 0) return false;
  const groups = new Map<string, Group>();
  for (const { appId, group, stackGroup } of crashes) {
    for (const id of [group, stackGroup])
      if (id !== null) groups.set(keyOf(appId, id), { app_id: appId, id });
  }
  const open = await openEpisodes(
    dialect,
    transaction,
    [...groups.values()].map(({ app_id, id: signature }) => ({ app_id, signature })),
  );
  const unknown = [...groups].filter(([key]) => !open.has(key)).map(([, group]) => group);
  const resolved = await resolvedGroups(dialect, transaction, unknown);
  const changed: StoredEpisode[] = [];
  const links: EpisodeLink[] = [];
  let hasNew = false;
  for (const [appId, ofApp] of Map.groupBy(crashes, (crash) => crash.appId)) {
    const batch = new EpisodeBatch(
      [...open.values()].flatMap(({ group, stored }) =>
        stored.appId === appId ? [[group, stored] as const] : [],
      ),
      {
        app: apps.get(appId) ?? '',
        newId: () => randomBytes(8).toString('hex'),
        create: (followed) => newEpisode(appId, followed),
        lateMs: LATE_MS,
      },
    );
    batch.passTime(nowMs);
    for (const crash of ofApp) batch.add({ ...crash, resolvedAtMs: resolvedBefore(crash, resolved) });
    const due = batch.apply();
    for (const each of due) await announcer.announce(each);
    hasNew ||= batch.hasNew || due.length > 0;
    changed.push(...batch.changed());
    for (const [group, { episode }] of batch.links()) links.push({ appId, group, episodeId: episode.id });
  }
  await saveEpisodes(dialect, transaction, changed);
  await linkEpisodes(dialect, transaction, links);
  return hasNew;
}

function resolvedBefore(
  { appId, group, stackGroup, atMs }: AppCrash,
  resolved: ReadonlyMap<string, number>,
): number | null {
  const since = [stackGroup, group].map((id) => (id === null ? undefined : resolved.get(keyOf(appId, id))));
  return since.find((at) => at !== undefined && atMs > at) ?? null;
}

/** Since when groups are resolved, if nothing crashed since. */
async function resolvedGroups(
  dialect: DialectName,
  transaction: WriteTransaction,
  groups: readonly Group[],
): Promise<Map<string, number>> {
  if (groups.length === 0) return new Map();
  const found = await sql<Group & { resolved_at: number }>`
    select s.app_id, s.id, s.resolved_at ${joinStored(dialect, 'signatures', 's', groups)}
    where s.resolved_at is not null and s.last_seen <= s.resolved_at`.execute(transaction);
  return new Map(found.rows.map((row) => [keyOf(row.app_id, row.id), row.resolved_at]));
}
