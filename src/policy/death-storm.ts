/** More deaths of workers than this are not recorded one by one. */
const MOST = 20;
const WITHIN_MS = 10_000;

/** Bounds what a storm of deaths costs; times are of one monotonic clock, in milliseconds. */
export type DeathStorm = { recorded: readonly number[]; skipped: number };

export const NO_STORM: DeathStorm = { recorded: [], skipped: 0 };

/** @returns `record`: is this death recorded? */
export function withDeath(storm: DeathStorm, nowMs: number): DeathStorm & { record: boolean } {
  const recent = storm.recorded.filter((atMs) => nowMs - atMs < WITHIN_MS);
  if (recent.length >= MOST) return { recorded: recent, skipped: storm.skipped + 1, record: false };
  return { recorded: [...recent, nowMs], skipped: storm.skipped, record: true };
}
