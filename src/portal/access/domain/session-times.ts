const DAY_MS = 24 * 60 * 60 * 1000;

/** A session ends when it was not used for so long. */
export const IDLE_MS = 7 * DAY_MS;
/** However much it is used. */
export const ABSOLUTE_MS = 30 * DAY_MS;
