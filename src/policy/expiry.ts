import type { Instant } from '../model/instant.ts';
import { elapsedMs } from './elapsed.ts';

/** When something ends: `expiresAtMs` by the wall clock that `setAt` has. */
export type Expiry = { expiresAtMs: number; setAt: Instant };

/** After a boot the clock can still be wrong for a while: it is set from the network. */
const SETTLING_MS = 10 * 60_000;
/** A clock that drifts is no clock that was set. */
const DRIFT_MS = 60_000;

/** Of a dump that is kept now. */
export function keptFor(keepMs: number, now: Instant): Expiry & { keptAtMs: number } {
  return { keptAtMs: now.wallMs, expiresAtMs: now.wallMs + keepMs, setAt: now };
}

/** Until its end, as the clocks of now have it; 0 after it. Within one boot the wall clock has no say in it: it can be set. */
export function leftMs({ expiresAtMs, setAt }: Expiry, now: Instant): number {
  return Math.max(0, expiresAtMs - setAt.wallMs - elapsedMs(setAt, now));
}

/** Is the time over? The wall clock of a new boot is not believed at once. */
export function isOver(expiry: Expiry, now: Instant): boolean {
  const wasOver = expiry.expiresAtMs <= expiry.setAt.wallMs;
  return wasOver || (leftMs(expiry, now) === 0 && !isSettling(expiry, now));
}

/** Is there the wall clock of a boot alone, in which it can still be wrong? */
export function isSettling({ setAt }: Expiry, now: Instant): boolean {
  return now.bootId !== '' && !isSameBoot(setAt, now) && now.monotonicMs < SETTLING_MS;
}

/**
 * The same end by the clocks of now; null if nothing is to be changed. Called now and then, so that a clock that is set, within this
 * boot or before the next one, neither ends the time early nor makes it last.
 */
export function renewed(expiry: Expiry, now: Instant): Expiry | null {
  const { expiresAtMs, setAt } = expiry;
  if (isSettling(expiry, now)) return null;
  const endsAtMs = now.wallMs + leftMs(expiry, now);
  const isRight = Math.abs(endsAtMs - expiresAtMs) <= DRIFT_MS;
  if (isRight && (isSameBoot(setAt, now) || now.bootId === '')) return null;
  return { expiresAtMs: isRight ? expiresAtMs : endsAtMs, setAt: now };
}

function isSameBoot(one: Instant, other: Instant): boolean {
  return one.bootId !== '' && one.bootId === other.bootId && other.monotonicMs >= one.monotonicMs;
}
