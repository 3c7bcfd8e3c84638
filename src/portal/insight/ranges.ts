import type { TimeRange } from '../store/read/crash-store.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Ranges to choose from; buckets are whole fractions or multiples of a UTC day. */
export const RANGES = [
  { name: '1d', ms: DAY, bucketMs: HOUR / 2, short: '24 h', words: 'the last 24 hours' },
  { name: '7d', ms: 7 * DAY, bucketMs: 3 * HOUR, short: '7 days', words: 'the last 7 days' },
  { name: '15d', ms: 15 * DAY, bucketMs: 6 * HOUR, short: '15 days', words: 'the last 15 days' },
  { name: '90d', ms: 90 * DAY, bucketMs: DAY, short: '90 days', words: 'the last 90 days' },
] as const;
export type RangeChoice = (typeof RANGES)[number];
export type RangeName = RangeChoice['name'];

/** The choice of that name, or the default. */
export function rangeChoice(name: string | undefined, otherwise: RangeName = '15d'): RangeChoice {
  return (RANGES.find((range) => range.name === name) ??
    RANGES.find((range) => range.name === otherwise)) as RangeChoice;
}

/** From the start of a bucket to the end of the current one, so that bars do not move as time passes. */
export function timeRange({ ms, bucketMs }: Pick<RangeChoice, 'ms' | 'bucketMs'>, nowMs: number): TimeRange {
  const toMs = (Math.floor(nowMs / bucketMs) + 1) * bucketMs;
  return { fromMs: toMs - ms, toMs };
}

/** Times to label under a chart, at most five. */
export function axisMoments({ fromMs, toMs }: TimeRange): number[] {
  const steps = [3, 6, 12, 24, 48, 72, 96, 168, 336, 504].map((hours) => hours * HOUR);
  const stepMs = steps.find((step) => (toMs - fromMs) / step <= 5) ?? 504 * HOUR;
  const first = Math.ceil(fromMs / stepMs) * stepMs;
  const moments: number[] = [];
  for (let at = first; at < toMs; at += stepMs) moments.push(at);
  return moments;
}
