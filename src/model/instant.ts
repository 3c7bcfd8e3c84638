/**
 * A time that stays comparable when the wall clock jumps: the monotonic clock within one boot, the wall clock across
 * boots.
 */
export type Instant = {
  /** Milliseconds since the Unix epoch, for display and across boots. */
  wallMs: number;
  /** Milliseconds of CLOCK_MONOTONIC, comparable only within one boot. */
  monotonicMs: number;
  /** `/proc/sys/kernel/random/boot_id`, or '' if unreadable. */
  bootId: string;
};
