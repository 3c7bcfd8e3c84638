export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const TEN_MINUTES = { step: 10, keptMs: 3 * DAY_MS };
const HOUR = { step: 60, keptMs: 100 * DAY_MS };
/** Charts of weeks have bars of this length or twice it. */
const THREE_HOURS = { step: 180, keptMs: 100 * DAY_MS };
const DAY = { step: 24 * 60, keptMs: 730 * DAY_MS };

/**
 * What crashes are counted by (`a` all, `s` signature, `c` cause, `i` instance), in which lengths of time, in minutes,
 * the shortest first, and how long each is kept. Instances are many, and only their last fifteen days are shown.
 */
export const COUNTED = {
  a: [TEN_MINUTES, HOUR, THREE_HOURS, DAY],
  s: [TEN_MINUTES, HOUR, THREE_HOURS, DAY],
  c: [TEN_MINUTES, HOUR, DAY],
  i: [
    { step: 10, keptMs: 2 * DAY_MS },
    { step: 60, keptMs: 2 * DAY_MS },
    { step: DAY.step, keptMs: 16 * DAY_MS },
  ],
} as const;
export type CountedDimension = keyof typeof COUNTED;

/** How long a count is kept: those that are kept longest at least as long as the crashes. */
export const keptMsOf = ({ keptMs }: { keptMs: number }, retentionMs: number): number =>
  keptMs === DAY.keptMs ? Math.max(keptMs, retentionMs) : keptMs;

/** What one app can have at most: what is beyond is gathered, and counts all the same. */
export type AppLimits = {
  /** Notices of an hour that go out alone; what is beyond waits for one digest. */
  notificationsPerHour: number;
  /** Groups of crashes. A crash with a new signature beyond it counts for `OTHER_GROUP`. */
  signatures: number;
  /** A new instance beyond it counts for `OTHER_INSTANCE`. */
  instances: number;
};
export const APP_LIMITS: AppLimits = { notificationsPerHour: 20, signatures: 2_000, instances: 20_000 };

/** The group of causes that have none of their own, and the instance of those that are not kept one by one. */
export const OTHER_GROUP = 'other';
export const OTHER_INSTANCE = '(others)';

/** A record from further ahead than this is refused by ingest, and taken to be of now where it is stored all the same. */
export const AHEAD_MS = 24 * HOUR_MS;
/** Newest changes of state that are kept of an instance. */
export const KEPT_CHANGES = 200;
/** More values of a signature than this say nothing. */
export const MOST_VALUES = 8;

export const floorTo = (atMs: number, lengthMs: number): number => Math.floor(atMs / lengthMs) * lengthMs;
