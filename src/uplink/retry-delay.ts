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

/** `Retry-After` (RFC 9110, 10.2.3), seconds or a date, as milliseconds from now; null where it says neither. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  // The one form that senders are to make; Date.parse would read much else.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
