import { sql } from 'kysely';
import type { DialectName, WriteTransaction } from '../database/database.ts';
import { type Cell, jsonRows } from '../database/json-rows.ts';
import { keyOf } from '../write/batch.ts';
import type { Announcer } from './announce.ts';
import { EpisodeDesk, type FollowedCrash } from './episode-desk.ts';
import { leadToEpisodes, openEpisodes, saveEpisodes } from './episode-rows.ts';

/**
 * Opens and continues the episodes of crashes, and writes what people are to be told of them into the outbox: one step
 * for each episode, however many crashes. Needs the apps' lock, and the signatures as they were before these crashes.
 *
 * A crash without a stack is of a group that says little; the first stack leads to the group that names the cause. Both
 * count for one episode, since they are one trouble. A second cause among the same crashes opens an episode of its own.
 *
 * @returns is there something to do for who sends?
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
  const groups = new Map<string, Cell[]>();
  for (const { appId, group, stackGroup } of crashes) {
    for (const id of [group, stackGroup]) if (id !== null) groups.set(keyOf(appId, id), [appId, id]);
  }
  const open = await openEpisodes(dialect, transaction, [...groups.values()]);
  const desk = new EpisodeDesk(apps, open, nowMs);
  desk.endQuiet();
  const unknown = [...groups].filter(([key]) => !open.has(key)).map(([, cells]) => cells);
  const resolved = await resolvedGroups(dialect, transaction, unknown);
  for (const crash of crashes) desk.add(crash, resolved);
  const announcements = desk.settle();
  for (const announcement of announcements) await announcer.announce(announcement);
  await saveEpisodes(dialect, transaction, desk.changed());
  await leadToEpisodes(dialect, transaction, desk.links());
  return announcements.length > 0 || desk.hasNew;
}

/** Since when groups are resolved, if nothing crashed since. */
async function resolvedGroups(
  dialect: DialectName,
  transaction: WriteTransaction,
  groups: readonly Cell[][],
): Promise<Map<string, number>> {
  if (groups.length === 0) return new Map();
  const rows = jsonRows(dialect, { app_id: 'int', id: 'text' }, groups);
  const found = await sql<{ app_id: number; id: string; resolved_at: number }>`
    select s.app_id, s.id, s.resolved_at from ${rows} as r
    join signatures as s on s.app_id = r.app_id and s.id = r.id
    where s.resolved_at is not null and s.last_seen <= s.resolved_at`.execute(transaction);
  return new Map(found.rows.map((row) => [keyOf(row.app_id, row.id), row.resolved_at]));
}
