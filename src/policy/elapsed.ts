import type { Instant } from '../model/instant.ts';

/**
 * Milliseconds from `from` to `to`, never negative. Within one boot the monotonic clock decides, so a jump of the wall
 * clock changes nothing. Across boots (or where a container's clocks disagree) the wall clock is all there is, and a
 * moment in the future counts as just now.
 */
export function elapsedMs(from: Instant, to: Instant): number {
  if (from.bootId !== '' && from.bootId === to.bootId && to.monotonicMs >= from.monotonicMs) {
    return to.monotonicMs - from.monotonicMs;
  }
  return Math.max(0, to.wallMs - from.wallMs);
}

/**
 * The same moment, or `now` where it claims to lie in the future of another boot. Without this a clock that was once
 * years ahead would keep a crash "fresh" until the clock got there again.
 */
export function rebase(moment: Instant, now: Instant): Instant {
  const sameBoot = moment.bootId !== '' && moment.bootId === now.bootId;
  if (sameBoot && now.monotonicMs >= moment.monotonicMs) return moment;
  return moment.wallMs > now.wallMs ? now : moment;
}
