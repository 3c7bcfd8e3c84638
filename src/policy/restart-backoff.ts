export type BackoffSettings = { baseMs: number; maxMs: number };

/** A worker that lived this long was no part of a crash loop: the back-off starts anew. */
const STABLE_UPTIME_MS = 10_000;

/** Crashes in a row without a stable life in between, the one that just happened included. */
export function crashesInARow(before: number, uptimeMs: number): number {
  return uptimeMs >= STABLE_UPTIME_MS ? 1 : before + 1;
}

/**
 * Milliseconds to wait before the restart after the `inARow`-th crash in a row: doubles from the base to the maximum,
 * with a jitter of ±25 % so that a fleet that crashed at once does not restart at once.
 * @param random in [0, 1)
 */
export function restartDelayMs(inARow: number, { baseMs, maxMs }: BackoffSettings, random: number): number {
  const doubled = Math.min(maxMs, baseMs * 2 ** Math.min(30, inARow - 1));
  return Math.round(Math.min(maxMs, doubled * (0.75 + random * 0.5)));
}
