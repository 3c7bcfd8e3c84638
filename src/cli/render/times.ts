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
  const write = (ms: number) => (timeZone === undefined ? writeHere(ms) : writeIn(timeZone, ms));
  const [date = '', time = ''] = write(epochMs).split(' ');
  return write(nowMs).startsWith(date) ? time : `${date} ${time.slice(0, 5)}`;
}

/** In the time zone of the process. The first call of `toLocaleString` takes longer than the rest of a verb. */
function writeHere(ms: number): string {
  const at = new Date(ms);
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(twoDigits).join('-');
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':')}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

function writeIn(timeZone: string, ms: number): string {
  // The Swedish locale writes ISO 8601.
  return new Date(ms).toLocaleString('sv-SE', { timeZone });
}

export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
