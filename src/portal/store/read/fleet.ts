import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import type { Fleet, InstanceState } from '../portal-store.ts';
import { decodeSettings } from '../write/encode.ts';
import { findApp } from './app-id.ts';
import { silentAfter, summaryOf } from './instances.ts';

const MOST_NAMES = 3;
const MOST_THRESHOLDS = 4;

const noInstances = (): Record<InstanceState, number> => ({
  watching: 0,
  armed: 0,
  'cooling-down': 0,
  disabled: 0,
  silent: 0,
});

/** 1 for an instance that nothing was heard of for longer than it said. */
const isSilent = (nowMs: number) => sql<number>`case when last_seen < case when every_ms is null
  then ${nowMs - silentAfter(null)} else ${nowMs} - 3 * every_ms end then 1 else 0 end`;

/** How many instances of each app are in which state. */
export async function countStates(
  { reader }: Database,
  appIds: readonly number[],
  nowMs: number,
): Promise<Map<number, Record<InstanceState, number>>> {
  const rows = await reader
    .selectFrom('instances')
    .select(['app_id', 'state', isSilent(nowMs).as('silent'), sql<number>`cast(count(*) as bigint)`.as('n')])
    .where('app_id', 'in', appIds)
    .groupBy(['app_id', 'state', sql.ref('silent')])
    .execute();
  const states = new Map<number, Record<InstanceState, number>>();
  for (const { app_id, state, silent, n } of rows) {
    const counts = states.get(app_id) ?? noInstances();
    counts[silent === 1 ? 'silent' : (state ?? 'watching')] += n;
    states.set(app_id, counts);
  }
  return states;
}

/** What few sentences say of all instances of an app: no list of them is read, however many there are. */
export async function readFleet(database: Database, app: string, nowMs: number): Promise<Fleet> {
  const empty: Fleet = { states: noInstances(), silent: [], thresholds: [], nearest: null };
  const appId = await findApp(database, app);
  if (appId === null) return empty;
  const [states, silent, thresholds] = await Promise.all([
    countStates(database, [appId], nowMs),
    namesOf(database, appId, sql<boolean>`${isSilent(nowMs)} = 1`),
    readThresholds(database, appId),
  ]);
  const nearest = await Promise.all(
    thresholds.map(({ settings }) => nearestOf(database, appId, settings, nowMs)),
  );
  return {
    states: states.get(appId) ?? empty.states,
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

/** Of the instances with these thresholds the one whose next stack needs the fewest crashes. */
async function nearestOf({ reader }: Database, appId: number, settings: string, nowMs: number) {
  const rank = sql<number>`case when ${isSilent(nowMs)} = 1 then 4 when state = 'armed' then 0
    when state = 'cooling-down' then 2 when state = 'disabled' then 3 else 1 end`;
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
