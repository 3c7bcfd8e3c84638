import { sql } from 'kysely';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { jsonRows } from '../database/json-rows.ts';
import type { Row } from '../schema/tables.ts';
import { keyOf } from '../write/batch.ts';
import type { Announcer } from './announce.ts';
import { EpisodeBatch, type FollowedCrash } from './episode-batch.ts';
import { linkEpisodes, openEpisodes, saveEpisodes } from './episode-rows.ts';

type Group = Pick<Row<'signatures'>, 'app_id' | 'id'>;

/**
 * Opens and continues the episodes of crashes, and writes their notifications into the outbox: one step per episode,
 * for any number of crashes. Needs the apps' lock, and the signatures as they were before these crashes.
 *
 * A crash without a stack belongs to a group that says little; the first stack leads to the group of the cause. Both
 * count for one episode: it is one problem. A second cause among the same crashes opens an episode of its own.
 *
 * @returns is there something to send?
 */
export async function followCrashes(
  dialect: DialectName,
  transaction: WriteTransaction,
  announcer: Announcer,
  apps: ReadonlyMap<number, string>,
  crashes: readonly FollowedCrash[],
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
  const batch = new EpisodeBatch(apps, open, nowMs);
  batch.endQuiet();
  const unknown = [...groups].filter(([key]) => !open.has(key)).map(([, group]) => group);
  const resolved = await resolvedGroups(dialect, transaction, unknown);
  for (const crash of crashes) batch.add(crash, resolved);
  const announcements = batch.settle();
  for (const announcement of announcements) await announcer.announce(announcement);
  await saveEpisodes(dialect, transaction, batch.changed());
  await linkEpisodes(dialect, transaction, batch.links());
  return announcements.length > 0 || batch.hasNew;
}

/** Since when groups are resolved, if nothing crashed since. */
async function resolvedGroups(
  dialect: DialectName,
  transaction: WriteTransaction,
  groups: readonly Group[],
): Promise<Map<string, number>> {
  if (groups.length === 0) return new Map();
  const found = await sql<Group & { resolved_at: number }>`
    select s.app_id, s.id, s.resolved_at from ${jsonRows(dialect, 'signatures', groups)} as r
    join signatures as s on s.app_id = r.app_id and s.id = r.id
    where s.resolved_at is not null and s.last_seen <= s.resolved_at`.execute(transaction);
  return new Map(found.rows.map((row) => [keyOf(row.app_id, row.id), row.resolved_at]));
}
