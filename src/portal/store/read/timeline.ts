import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { jsonRows } from '../database/json-rows.ts';
import { decodeStatus } from '../encode.ts';
import { AHEAD_MS, COUNTED, floorTo, MINUTE_MS } from '../limits.ts';
import { findApp } from './app-id.ts';
import { countByKey, stepFor } from './counted.ts';
import type { TimeRange } from './crash-store.ts';
import { shownTitles } from './shown-titles.ts';
import type { CauseCount, Timeline } from './timeline-store.ts';

const MOST_SERIES = 7;
const MOST_BUCKETS = 1_000;
/** Eleven years of days. */
const MOST_TIMES = 4_000;
const MOST_DEPLOYS = 200;

/**
 * Buckets start at whole multiples of their length (days at midnight, UTC). They are at least as long as requested: as
 * long as the kept counts require.
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
  const whole = { fromMs, toMs: range.toMs };
  const most =
    signature === undefined ? await countByKey(database, appId, 's', whole, step, MOST_SERIES) : null;
  const shown = most?.map(({ key }) => key) ?? [signature ?? ''];
  const counts = new Map(shown.map((key) => [key, new Array<number>(buckets).fill(0)]));
  for (const { key, bucket, n } of await countEach(database, appId, empty, whole, shown, nowMs)) {
    const series = key === null ? null : counts.get(key);
    if (series !== null && series !== undefined) series[bucket] = (series[bucket] ?? 0) + n;
    // Other crashes are counted only without a signature.
    if (signature === undefined) empty.other[bucket] = (empty.other[bucket] ?? 0) + (key === null ? n : -n);
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

/** Crashes of some signatures and of all (`key` null) per bucket. Each count is found by its whole key. */
async function countEach(
  { dialect, reader }: Database,
  appId: number,
  { fromMs, bucketMs }: Pick<Timeline, 'fromMs' | 'bucketMs'>,
  range: TimeRange,
  signatures: readonly string[],
  nowMs: number,
): Promise<{ key: string | null; bucket: number; n: number }[]> {
  const { step } =
    COUNTED.s.findLast((counted) => bucketMs % (counted.step * MINUTE_MS) === 0) ?? COUNTED.s[0];
  const stepMs = step * MINUTE_MS;
  const times: { at: number }[] = [];
  const last = floorTo(Math.min(range.toMs - 1, nowMs + AHEAD_MS), stepMs);
  const first = Math.max(fromMs, last - MOST_TIMES * stepMs);
  for (let at = first; at <= last; at += stepMs) times.push({ at });
  if (times.length === 0) return [];
  // node:sqlite binds every number as a float; without the cast, the division would not give whole numbers.
  const bucket = sql`(c.at - cast(${fromMs} as bigint)) / cast(${bucketMs} as bigint)`;
  // The times come first: SQLite keeps the order of a cross join.
  const counted = sql`from times cross join counts as c where c.app_id = ${appId} and c.step = ${step}
    and c.at = times.at`;
  const { rows } = await sql<{ key: string | null; bucket: number; n: number }>`
    with times as ${jsonRows(dialect, 'counts', times)}
    select c.key, ${bucket} as bucket, cast(sum(c.n) as bigint) as n ${counted} and c.dimension = 's'
      and c.key in (${sql.join(signatures)}) group by 1, 2
    union all select null, ${bucket} as bucket, cast(sum(c.n) as bigint) as n ${counted} and c.dimension = 'a'
      and c.key = '' group by 1, 2`.execute(reader);
  return rows;
}

async function titlesOf(
  database: Database,
  appId: number,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await database.reader
    .selectFrom('signatures')
    .select(['id', 'title'])
    .where('app_id', '=', appId)
    .where('id', 'in', ids)
    .execute();
  return shownTitles(database, appId, rows);
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
