const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** Maximum for what a receiver asks for. */
const LONGEST_ASKED_MS = 3_600_000;
/** Added at random to what the receiver asks for: otherwise all senders would come back at once. */
const SPREAD = 0.25;

/**
 * Delay before the next attempt: full jitter below a bound that doubles from 1 s to 60 s, or slightly more than the
 * receiver asked for.
 * @param failures in a row, from 1
 * @param random from 0 to below 1
 */
export function retryDelayMs(failures: number, retryAfterMs: number | null, random: number): number {
  if (retryAfterMs !== null) return Math.min(retryAfterMs, LONGEST_ASKED_MS) * (1 + SPREAD * random);
  return random * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
}
