import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { decodeSettings } from '../encode.ts';
import { OTHER_INSTANCE } from '../limits.ts';
import { findApp } from './app-id.ts';
import type { Fleet, InstanceState } from './instance-store.ts';
import { silentAfter, summaryOf } from './instances.ts';

const MOST_NAMES = 3;
const MOST_THRESHOLDS = 4;

export const noInstances = (): Record<InstanceState, number> => ({
  watching: 0,
  armed: 0,
  'cooling-down': 0,
  disabled: 0,
  silent: 0,
  stopped: 0,
  external: 0,
  folded: 0,
});

/** Not run by crashmon: no heartbeat, and crashes without a state. */
const isExternal = sql<boolean>`(heartbeat_at = 0 and coalesce(state, '') = 'disabled')`;

/** The shown state of an instance; same as `summaryOf`. */
const stateAt = (
  nowMs: number,
) => sql<InstanceState>`case when instance = ${OTHER_INSTANCE} then 'folded' when ${isExternal} then 'external'
  when stopped = 1 then 'stopped'
  when last_seen < case when every_ms is null then ${nowMs - silentAfter(null)} else ${nowMs} - 3 * every_ms end
  then 'silent' else coalesce(state, 'watching') end`;

export type CountedInstances = { states: Record<InstanceState, number>; firstSeenMs: number };

/** Instances by app and state, and when the first one was seen. */
export async function countStates(
  { reader }: Database,
  appIds: readonly number[],
  nowMs: number,
): Promise<Map<number, CountedInstances>> {
  const rows = await reader
    .selectFrom('instances')
    .select((of) => [
      'app_id',
      stateAt(nowMs).as('shown'),
      sql<number>`cast(count(*) as bigint)`.as('n'),
      of.fn.min('first_seen').as('first_seen'),
    ])
    .where('app_id', 'in', appIds)
    .groupBy(['app_id', sql.ref('shown')])
    .execute();
  const apps = new Map<number, CountedInstances>();
  for (const { app_id, shown, n, first_seen } of rows) {
    const app = apps.get(app_id) ?? { states: noInstances(), firstSeenMs: first_seen };
    app.states[shown] += n;
    app.firstSeenMs = Math.min(app.firstSeenMs, first_seen);
    apps.set(app_id, app);
  }
  return apps;
}

/** Summary of all instances of an app, without reading the list of them. */
export async function readFleet(database: Database, app: string, nowMs: number): Promise<Fleet> {
  const empty: Fleet = { states: noInstances(), silent: [], thresholds: [], nearest: null };
  const appId = await findApp(database, app);
  if (appId === null) return empty;
  const [counted, silent, thresholds] = await Promise.all([
    countStates(database, [appId], nowMs),
    namesOf(database, appId, sql<boolean>`${stateAt(nowMs)} = 'silent'`),
    readThresholds(database, appId),
  ]);
  const nearest = await Promise.all(
    thresholds.map(({ settings }) => nearestOf(database, appId, settings, nowMs)),
  );
  return {
    states: counted.get(appId)?.states ?? empty.states,
    silent,
    thresholds: thresholds.map(({ settings, n, names }) => ({
      settings: decodeSettings(settings),
      instances: n,
      names,
    })),
    nearest:
      nearest
        .filter((each) => each !== undefined)
        .toSorted((a, b) => a.rank - b.rank || a.missing - b.missing)
        .map(({ instance }) => instance)[0] ?? null,
  };
}

async function namesOf(
  { reader }: Database,
  appId: number,
  which: ReturnType<typeof sql<boolean>>,
): Promise<string[]> {
  const rows = await reader
    .selectFrom('instances')
    .select('instance')
    .where('app_id', '=', appId)
    .where(which)
    .orderBy('instance')
    .limit(MOST_NAMES)
    .execute();
  return rows.map(({ instance }) => instance);
}

async function readThresholds(database: Database, appId: number) {
  const rows = await database.reader
    .selectFrom('instances')
    .select(['settings', sql<number>`cast(count(*) as bigint)`.as('n')])
    .where('app_id', '=', appId)
    .where('settings', 'is not', null)
    // Other senders have no thresholds.
    .where(sql<boolean>`not ${isExternal}`)
    .groupBy('settings')
    .orderBy('n', 'desc')
    .orderBy('settings')
    .limit(MOST_THRESHOLDS)
    .execute();
  return Promise.all(
    rows.map(async ({ settings, n }) => ({
      settings: settings ?? '',
      n,
      names: await namesOf(database, appId, sql<boolean>`settings = ${settings}`),
    })),
  );
}

/** The instance with these thresholds that needs the fewest crashes until its next stack. */
async function nearestOf({ reader }: Database, appId: number, settings: string, nowMs: number) {
  const rank = sql<number>`case ${stateAt(nowMs)} when 'armed' then 0
    when 'watching' then case when no_capture is null then 1 else 3 end
    when 'cooling-down' then 2 when 'disabled' then 3 when 'silent' then 4 else 5 end`;
  const row = await reader
    .selectFrom('instances')
    .selectAll()
    .select(rank.as('rank'))
    .where('app_id', '=', appId)
    .where('settings', '=', settings)
    .orderBy('rank')
    .orderBy('crashes_in_window', 'desc')
    .orderBy('instance')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const missing = decodeSettings(settings).armAfter - (row.crashes_in_window ?? 0);
  return { rank: row.rank, missing, instance: summaryOf(row, 0, nowMs) };
}
