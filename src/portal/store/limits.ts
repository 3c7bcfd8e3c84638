export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Lengths of time that crashes are counted in, in minutes, and how long each is kept. */
export const STEPS = [
  { step: 10, keptMs: 3 * DAY_MS },
  { step: 60, keptMs: 100 * DAY_MS },
  { step: 24 * 60, keptMs: 730 * DAY_MS },
] as const;

/** A record from further ahead than this is taken to be of now. */
export const AHEAD_MS = DAY_MS;
/** Newest changes of state that are kept of an instance. */
export const KEPT_CHANGES = 200;
/** More values of a signature than this say nothing. */
export const MOST_VALUES = 8;

export const floorTo = (atMs: number, lengthMs: number): number => Math.floor(atMs / lengthMs) * lengthMs;
