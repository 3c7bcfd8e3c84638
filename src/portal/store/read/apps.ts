import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS } from '../limits.ts';
import type { Row } from '../schema/tables.ts';
import type { AppSummary } from './app-store.ts';
import { DAYS_SHOWN } from './counted.ts';
import { countStates, noInstances } from './fleet.ts';
import { shownTitles } from './shown-titles.ts';

type App = Pick<Row<'apps'>, 'app_id' | 'name'>;
type Worse = AppSummary['worse'][number];

/** Fewer crashes in a day are no trend. */
const LEAST_TREND = 3;
const MOST_WORSE = 3;

async function allowedApps({ reader }: Database, allowed: readonly string[] | '*'): Promise<App[]> {
  if (allowed.length === 0) return [];
  let query = reader.selectFrom('apps').select(['app_id', 'name']).orderBy('name');
  if (allowed !== '*') query = query.where('name', 'in', allowed);
  return query.execute();
}

export async function readChangeCounters(
  database: Database,
  apps: readonly string[] | '*',
): Promise<Map<string, number>> {
  const rows = await allowedApps(database, apps);
  const activity = await readActivity(database, rows);
  return new Map(rows.map(({ app_id, name }) => [name, activity.get(app_id)?.changes ?? 0]));
}

async function readActivity(
  { reader }: Database,
  apps: readonly App[],
): Promise<Map<number, Row<'app_activity'>>> {
  if (apps.length === 0) return new Map();
  const ids = apps.map(({ app_id }) => app_id);
  const rows = await reader.selectFrom('app_activity').selectAll().where('app_id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.app_id, row]));
}

export async function listApps(
  database: Database,
  allowed: readonly string[] | '*',
  nowMs: number,
): Promise<AppSummary[]> {
  const apps = await allowedApps(database, allowed);
  const ids = apps.map(({ app_id }) => app_id);
  if (ids.length === 0) return [];
  const [activity, counted, recent, days, worse] = await Promise.all([
    readActivity(database, apps),
    countStates(database, ids, nowMs),
    countRecent(database, ids, nowMs),
    countAllDays(database, ids, nowMs),
    findWorse(database, ids, nowMs),
  ]);
  return apps.map(({ app_id, name }) => ({
    app: name,
    instances: counted.get(app_id)?.states ?? noInstances(),
    crashesLastDay: recent.get(app_id)?.lastDay ?? 0,
    crashesDayBefore: recent.get(app_id)?.dayBefore ?? 0,
    firstSeenMs: counted.get(app_id)?.firstSeenMs ?? null,
    days: days.get(app_id) ?? new Array<number>(DAYS_SHOWN).fill(0),
    lastCrashAtMs: activity.get(app_id)?.last_crash_at ?? null,
    worse: worse.get(app_id) ?? [],
  }));
}

async function countRecent({ reader }: Database, ids: readonly number[], nowMs: number) {
  const dayAgo = floorTo(nowMs - DAY_MS, 10 * MINUTE_MS);
  const rows = await reader
    .selectFrom('counts')
    .select([
      'app_id',
      sql<number>`cast(sum(case when at >= ${dayAgo} then n else 0 end) as bigint)`.as('last_day'),
      sql<number>`cast(sum(case when at < ${dayAgo} then n else 0 end) as bigint)`.as('day_before'),
    ])
    .where('app_id', 'in', ids)
    .where('dimension', '=', 'a')
    .where('step', '=', 10)
    .where('at', '>=', dayAgo - DAY_MS)
    .groupBy('app_id')
    .execute();
  return new Map(rows.map((row) => [row.app_id, { lastDay: row.last_day, dayBefore: row.day_before }]));
}

async function countAllDays({ reader }: Database, ids: readonly number[], nowMs: number) {
  const firstDay = floorTo(nowMs, DAY_MS) - (DAYS_SHOWN - 1) * DAY_MS;
  const rows = await reader
    .selectFrom('counts')
    .select(['app_id', 'at', 'n'])
    .where('app_id', 'in', ids)
    .where('dimension', '=', 'a')
    .where('step', '=', 24 * 60)
    .where('at', '>=', firstDay)
    .where('at', '<=', nowMs)
    .execute();
  const days = new Map<number, number[]>();
  for (const { app_id, at, n } of rows) {
    const counts = days.get(app_id) ?? new Array<number>(DAYS_SHOWN).fill(0);
    counts[(at - firstDay) / DAY_MS] = n;
    days.set(app_id, counts);
  }
  return days;
}

async function findWorse(database: Database, ids: readonly number[], nowMs: number) {
  const { reader } = database;
  const dayAgo = floorTo(nowMs - DAY_MS, HOUR_MS);
  const lastDay = sql<number>`cast(sum(case when c.at >= ${dayAgo} then c.n else 0 end) as bigint)`;
  const dayBefore = sql<number>`cast(sum(case when c.at < ${dayAgo} then c.n else 0 end) as bigint)`;
  const counts = reader
    .selectFrom('counts as c')
    .select(['c.app_id', 'c.key', lastDay.as('last_day'), dayBefore.as('day_before')])
    .where('c.app_id', 'in', ids)
    .where('c.dimension', '=', 's')
    .where('c.step', '=', 60)
    .where('c.at', '>=', dayAgo - DAY_MS)
    .groupBy(['c.app_id', 'c.key']);
  const rows = await reader
    .selectFrom(counts.as('c'))
    .innerJoin('signatures as s', (join) =>
      join.onRef('s.app_id', '=', 'c.app_id').onRef('s.id', '=', 'c.key'),
    )
    .select(['c.app_id', 's.id', 's.title', 's.first_seen', 'c.last_day', 'c.day_before'])
    .where('c.last_day', '>', 0)
    .orderBy('last_day', 'desc')
    .orderBy('s.id')
    .execute();
  const worse = new Map<number, Worse[]>();
  for (const row of rows) {
    const isNew = row.first_seen >= nowMs - DAY_MS;
    const grew = row.last_day >= LEAST_TREND && row.last_day >= 2 * row.day_before;
    const list = worse.get(row.app_id) ?? [];
    if (row.last_day === 0 || !(isNew || grew) || list.length >= MOST_WORSE) continue;
    list.push({
      signature: row.id,
      title: row.title,
      lastDay: row.last_day,
      dayBefore: row.day_before,
      isNew,
    });
    worse.set(row.app_id, list);
  }
  await Promise.all(
    [...worse].map(async ([appId, list]) => {
      const groups = list.map(({ signature, title }) => ({ id: signature, title }));
      const titles = await shownTitles(database, appId, groups);
      for (const each of list) each.title = titles.get(each.signature) ?? each.title;
    }),
  );
  return worse;
}
