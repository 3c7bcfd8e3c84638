import { formatDuration } from '../../formats/duration.ts';
import type { Instant } from '../../model/instant.ts';
import { elapsedMs } from '../../policy/elapsed.ts';
import type { CliContext } from '../context.ts';

const SECOND = 1_000;
const HOUR = 3600 * SECOND;

/** `2 min ago`; hours without minutes. */
export function ago(from: Instant, now: Instant): string {
  const ms = elapsedMs(from, now);
  if (ms < SECOND) return 'just now';
  return `${formatDuration(ms - (ms % (ms < 2 * HOUR ? SECOND : HOUR)))} ago`;
}

/** Local time, with the date unless it is today. */
export function localTime(
  epochMs: number,
  { timeZone }: Pick<CliContext, 'timeZone'>,
  nowMs: number,
): string {
  // The Swedish locale writes ISO 8601.
  const write = (ms: number) =>
    new Date(ms).toLocaleString('sv-SE', timeZone === undefined ? {} : { timeZone });
  const [date = '', time = ''] = write(epochMs).split(' ');
  return write(nowMs).startsWith(date) ? time : `${date} ${time.slice(0, 5)}`;
}

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
