import { grouped, plural } from '../../formats/quantity-words.ts';
import type { AppSummary } from '../store/read/app-store.ts';

const DAY_MS = 86_400_000;

type TrendInput = Pick<AppSummary, 'crashesLastDay' | 'crashesDayBefore' | 'firstSeenMs'>;

/** What got worse: `new: 4 crashes in 24 hours`, `12 in 24 hours, 3 the day before`. */
export function worseWords({ isNew, lastDay, dayBefore }: AppSummary['worse'][number]): string {
  if (isNew) return `new: ${plural(lastDay, 'crash', 'crashes')} in 24 hours`;
  return `${plural(lastDay, 'crash', 'crashes')} in 24 hours, ${dayBefore === 0 ? 'none' : grouped(dayBefore)} the day before`;
}

/** How the last day compares with the one before; null if neither had a crash. */
export function trendWords(
  { crashesLastDay: lastDay, crashesDayBefore: dayBefore, firstSeenMs }: TrendInput,
  nowMs: number,
): string | null {
  if (lastDay === 0 && dayBefore === 0) return null;
  if (firstSeenMs === null || firstSeenMs > nowMs - DAY_MS) return 'its first day here';
  if (lastDay === dayBefore) return 'as many as the day before';
  const difference = Math.abs(lastDay - dayBefore);
  return `${grouped(difference)} ${lastDay > dayBefore ? 'more' : 'fewer'} than the day before`;
}

/** Crashes of today (UTC) and the day before: `27 today, 31 yesterday`. `days` is oldest first. */
export function dayTrendWords(days: readonly number[]): string {
  const today = days.at(-1) ?? 0;
  const yesterday = days.at(-2) ?? 0;
  return `${today === 0 ? 'none' : grouped(today)} today, ${yesterday === 0 ? 'none' : grouped(yesterday)} yesterday`;
}
