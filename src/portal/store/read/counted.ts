import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { COUNTED, type CountedDimension, DAY_MS, floorTo, MINUTE_MS } from '../limits.ts';
import type { TimeRange } from './crash-store.ts';

/** Counts of hours are read for at most this long. */
const MOST_HOURS_MS = 16 * DAY_MS;
export const DAYS_SHOWN = 15;

/** Counts of one step. Both ends are multiples of it, except the end of the range. */
type Span = TimeRange & { step: number };

/** The shortest step that is kept for the range and gives few enough counts. */
export function stepFor({ fromMs, toMs }: TimeRange, nowMs: number): number {
  const [tenMinutes, hour, , day] = COUNTED.s;
  if (fromMs >= nowMs - tenMinutes.keptMs + DAY_MS / 2) return tenMinutes.step;
  return fromMs >= nowMs - hour.keptMs && toMs - fromMs <= MOST_HOURS_MS ? hour.step : day.step;
}

/** Splits a range into the fewest counts: long steps inside, shorter ones at its ends. */
function spansOf(range: TimeRange, dimension: CountedDimension, step: number): Span[] {
  const steps = COUNTED[dimension].map((counted) => counted.step).filter((length) => length >= step);
  const fromMs = floorTo(range.fromMs, step * MINUTE_MS);
  return split({ fromMs, toMs: range.toMs }, steps).filter((span) => span.fromMs < span.toMs);
}

function split({ fromMs, toMs }: TimeRange, [step = 0, ...longer]: readonly number[]): Span[] {
  const nextMs = (longer[0] ?? 0) * MINUTE_MS;
  if (nextMs === 0) return [{ step, fromMs, toMs }];
  const inside = { fromMs: floorTo(fromMs + nextMs - 1, nextMs), toMs: floorTo(toMs, nextMs) };
  if (inside.fromMs >= inside.toMs) return [{ step, fromMs, toMs }];
  return [
    { step, fromMs, toMs: inside.fromMs },
    ...split(inside, longer),
    { step, fromMs: inside.toMs, toMs },
  ];
}

/** Count of each key of a dimension, or only of `only`; highest first. */
export async function countByKey(
  { reader }: Database,
  appId: number,
  dimension: CountedDimension,
  range: TimeRange,
  step: number,
  limit: number,
  only?: string,
): Promise<{ key: string; n: number }[]> {
  const ofKey = only === undefined ? sql`` : sql` and key = ${only}`;
  const spans = spansOf(range, dimension, step).map(
    (span) => sql`select key, n from counts where app_id = ${appId} and dimension = ${dimension}
      and step = ${span.step} and at >= ${span.fromMs} and at < ${span.toMs}${ofKey}`,
  );
  if (spans.length === 0) return [];
  const { rows } = await sql<{ key: string; n: number }>`select key, cast(sum(n) as bigint) as n
    from (${sql.join(spans, sql` union all `)}) as spans group by key order by n desc, key
    limit ${sql.lit(limit)}`.execute(reader);
  return rows;
}

/** Crashes a day of each key, UTC, oldest first, today last. */
export async function countDays(
  { reader }: Database,
  appId: number,
  dimension: CountedDimension,
  keys: readonly string[],
  nowMs: number,
): Promise<Map<string, number[]>> {
  const firstDay = floorTo(nowMs, DAY_MS) - (DAYS_SHOWN - 1) * DAY_MS;
  const days = new Map(keys.map((key) => [key, new Array<number>(DAYS_SHOWN).fill(0)]));
  if (keys.length === 0) return days;
  const rows = await reader
    .selectFrom('counts')
    .select(['key', 'at', 'n'])
    .where('app_id', '=', appId)
    .where('dimension', '=', dimension)
    .where('step', '=', 24 * 60)
    .where('at', '>=', firstDay)
    .where('at', '<=', nowMs)
    .where('key', 'in', keys)
    .execute();
  for (const { key, at, n } of rows) {
    const counts = days.get(key);
    if (counts !== undefined) counts[(at - firstDay) / DAY_MS] = n;
  }
  return days;
}
