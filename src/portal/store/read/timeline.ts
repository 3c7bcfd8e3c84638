import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { floorTo, MINUTE_MS } from '../limits.ts';
import type { CauseCount, Timeline, TimeRange } from '../portal-store.ts';
import { decodeStatus } from '../write/encode.ts';
import { findApp } from './app-id.ts';
import { countByKey, stepFor } from './counted.ts';

const MOST_SERIES = 7;
const MOST_BUCKETS = 1_000;
const MOST_DEPLOYS = 200;

/**
 * Buckets begin at whole multiples of their length (days at midnight, UTC), and are as long as asked for or longer: as
 * the counts that were kept allow.
 */
export async function readTimeline(
  database: Database,
  app: string,
  range: TimeRange,
  wantedMs: number,
  signature: string | undefined,
  nowMs: number,
): Promise<Timeline> {
  const step = stepFor(range, nowMs);
  const stepMs = step * MINUTE_MS;
  const leastMs = Math.max(stepMs, wantedMs, (range.toMs - range.fromMs) / MOST_BUCKETS);
  const bucketMs = Math.ceil(leastMs / stepMs) * stepMs;
  const fromMs = floorTo(range.fromMs, bucketMs);
  const buckets = Math.max(1, Math.ceil((range.toMs - fromMs) / bucketMs));
  const empty: Timeline = {
    fromMs,
    bucketMs,
    series: [],
    other: new Array<number>(buckets).fill(0),
    deploys: [],
  };
  const appId = await findApp(database, app);
  if (appId === null) return empty;
  // Not as a parameter: node:sqlite binds every number as a float, and a float is not divided to whole numbers.
  const bucket = sql<number>`(at - ${sql.lit(fromMs)}) / ${sql.lit(bucketMs)}`;
  let query = database.reader
    .selectFrom('counts')
    .select(['key', bucket.as('bucket'), sql<number>`cast(sum(n) as bigint)`.as('n')])
    .where('app_id', '=', appId)
    .where('dimension', '=', 's')
    .where('step', '=', step)
    .where('at', '>=', fromMs)
    .where('at', '<', range.toMs);
  if (signature !== undefined) query = query.where('key', '=', signature);
  const rows = await query.groupBy(['key', sql.ref('bucket')]).execute();
  const totals = new Map<string, number>();
  for (const { key, n } of rows) totals.set(key, (totals.get(key) ?? 0) + n);
  const shown = [...totals]
    .toSorted(([a, more], [b, less]) => less - more || (a < b ? -1 : 1))
    .slice(0, MOST_SERIES)
    .map(([key]) => key);
  const counts = new Map(shown.map((key) => [key, new Array<number>(buckets).fill(0)]));
  for (const { key, bucket, n } of rows) {
    const series = counts.get(key) ?? empty.other;
    series[bucket] = (series[bucket] ?? 0) + n;
  }
  const titles = await titlesOf(database, appId, shown);
  const deploys = await database.reader
    .selectFrom('versions')
    .select(['version', 'first_seen'])
    .where('app_id', '=', appId)
    .where('first_seen', '>=', fromMs)
    .where('first_seen', '<', range.toMs)
    .orderBy('first_seen', 'desc')
    .orderBy('version', 'desc')
    .limit(MOST_DEPLOYS)
    .execute();
  return {
    ...empty,
    series: [...counts].map(([key, counts]) => ({ signature: key, title: titles.get(key) ?? '', counts })),
    deploys: deploys.toReversed().map(({ version, first_seen }) => ({ version, atMs: first_seen })),
  };
}

async function titlesOf(
  { reader }: Database,
  appId: number,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await reader
    .selectFrom('signatures')
    .select(['id', 'title'])
    .where('app_id', '=', appId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, title }) => [id, title]));
}

export async function readCauses(
  database: Database,
  app: string,
  range: TimeRange,
  limit: number,
  nowMs: number,
): Promise<CauseCount[]> {
  const appId = await findApp(database, app);
  if (appId === null) return [];
  const counts = await countByKey(database, appId, 'c', range, stepFor(range, nowMs), limit);
  if (counts.length === 0) return [];
  const rows = await database.reader
    .selectFrom('causes')
    .selectAll()
    .where('app_id', '=', appId)
    .where(
      'id',
      'in',
      counts.map(({ key }) => key),
    )
    .execute();
  const causes = new Map(rows.map((row) => [row.id, row]));
  return counts.flatMap(({ key, n }) => {
    const cause = causes.get(key);
    if (cause === undefined) return [];
    const { kind, exception_type, signal, code, status } = cause;
    return [{ kind, exceptionType: exception_type, signal, code, status: decodeStatus(status), crashes: n }];
  });
}
