import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { DAY_MS, floorTo, MINUTE_MS, STEPS } from '../limits.ts';
import type { TimeRange } from '../portal-store.ts';

const MOST_HOURS_MS = 16 * DAY_MS;
export const DAYS_SHOWN = 15;

/** The finest lengths that were kept for a range, and are few enough to add up: its ends are true to one of them. */
export function stepFor({ fromMs, toMs }: TimeRange, nowMs: number): number {
  const [tenMinutes, hour, day] = STEPS;
  if (fromMs >= nowMs - tenMinutes.keptMs + DAY_MS / 2) return tenMinutes.step;
  return fromMs >= nowMs - hour.keptMs && toMs - fromMs <= MOST_HOURS_MS ? hour.step : day.step;
}

/** How often each key of a dimension was counted, most first. */
export async function countByKey(
  { reader }: Database,
  appId: number,
  dimension: string,
  range: TimeRange,
  step: number,
  limit: number,
): Promise<{ key: string; n: number }[]> {
  return reader
    .selectFrom('counts')
    .select(['key', sql<number>`cast(sum(n) as bigint)`.as('n')])
    .where('app_id', '=', appId)
    .where('dimension', '=', dimension)
    .where('step', '=', step)
    .where('at', '>=', floorTo(range.fromMs, step * MINUTE_MS))
    .where('at', '<', range.toMs)
    .groupBy('key')
    .orderBy('n', 'desc')
    .orderBy('key')
    .limit(limit)
    .execute();
}

/** Crashes a day of each key, UTC, oldest first, today last. */
export async function countDays(
  { reader }: Database,
  appId: number,
  dimension: string,
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
