const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** A receiver that asks for more is asked again after this. */
const LONGEST_ASKED_MS = 3_600_000;
/** Of what was asked for, added at random: else all who were told the same time would come at once. */
const SPREAD = 0.25;

/**
 * How long to wait before the next attempt: full jitter below a bound that doubles from 1 s to 60 s, or what the
 * receiver asked for and a little more.
 * @param failures in a row, from 1
 * @param random from 0 to below 1
 */
export function retryDelayMs(failures: number, retryAfterMs: number | null, random: number): number {
  if (retryAfterMs !== null) return Math.min(retryAfterMs, LONGEST_ASKED_MS) * (1 + SPREAD * random);
  return random * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
}
