/** More deaths of workers than this are only counted: a machine can have so many workers, and lose all of them at once. */
const MOST = 100;
const WITHIN_MS = 10_000;

/** When deaths were recorded, by one monotonic clock in milliseconds; bounds what a storm of them costs. */
export type DeathStorm = readonly number[];

export const NO_STORM: DeathStorm = [];

/** @returns with this death, if it is to be recorded; null if it is only counted */
export function withDeath(storm: DeathStorm, nowMs: number): DeathStorm | null {
  const recent = storm.filter((atMs) => nowMs - atMs < WITHIN_MS);
  return recent.length < MOST ? [...recent, nowMs] : null;
}
