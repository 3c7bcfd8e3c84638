/**
 * A moment that stays comparable when the wall clock jumps: within one boot the monotonic clock decides, across
 * boots the wall clock is all there is.
 */
export type Instant = {
  /** Milliseconds since the Unix epoch, for people and across boots. */
  wallMs: number;
  /** Milliseconds of CLOCK_MONOTONIC, comparable only within one boot. */
  monotonicMs: number;
  /** `/proc/sys/kernel/random/boot_id`, or '' where it cannot be read. */
  bootId: string;
};
