export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const TEN_MINUTES = { step: 10, keptMs: 3 * DAY_MS };
const HOUR = { step: 60, keptMs: 100 * DAY_MS };
/** Charts of weeks have bars of this length or twice as long. */
const THREE_HOURS = { step: 180, keptMs: 100 * DAY_MS };
const DAY = { step: 24 * 60, keptMs: 730 * DAY_MS };

/**
 * What crashes are counted by (`a` all, `s` signature, `c` cause, `i` instance), per how many minutes, shortest first,
 * and how long each count is kept. There are many instances, and only their last fifteen days are shown.
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

/** The counts that are kept longest are kept at least as long as the crashes. */
export const keptMsOf = ({ keptMs }: { keptMs: number }, retentionMs: number): number =>
  keptMs === DAY.keptMs ? Math.max(keptMs, retentionMs) : keptMs;

/** Limits per app. What is beyond is folded into one row and still counted. */
export type AppLimits = {
  /** Single notifications per hour; more wait for one digest. */
  notificationsPerHour: number;
  /** Groups of crashes. Beyond it, a crash with a new signature counts for `OTHER_GROUP`. */
  signatures: number;
  /** Beyond it, a new instance counts for `OTHER_INSTANCE`. */
  instances: number;
};
export const APP_LIMITS: AppLimits = { notificationsPerHour: 20, signatures: 2_000, instances: 20_000 };

/** How long an instance that is gone is listed: what is shown of it is fifteen days of crashes. */
export const INSTANCE_RETENTION_MS = 30 * DAY_MS;

/** The group of crashes without a group of their own, and the same for instances. */
export const OTHER_GROUP = 'other';
export const OTHER_INSTANCE = '(others)';

/** Ingest refuses a record that is further ahead; if it reaches the store, it counts as of now. */
export const AHEAD_MS = 24 * HOUR_MS;
/** State changes that are kept per instance. */
export const KEPT_CHANGES = 200;
/** Dumps and sessions that are kept per instance. */
export const KEPT_DUMPS = 500;
/** Requests of an app that wait. */
export const MOST_WAITING_REQUESTS = 100;
/** Values of a signature that are used. */
export const MOST_VALUES = 8;

export const floorTo = (atMs: number, lengthMs: number): number => Math.floor(atMs / lengthMs) * lengthMs;
