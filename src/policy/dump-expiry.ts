import type { Instant } from '../model/instant.ts';
import { elapsedMs } from './elapsed.ts';

/** When a dump is deleted: `expiresAtMs` by the wall clock that `setAt` has. */
export type DumpExpiry = { expiresAtMs: number; setAt: Instant };

/** After a boot the clock can still be wrong for a while: it is set from the network. */
const SETTLING_MS = 10 * 60_000;
/** A clock that drifts is no clock that was set. */
const DRIFT_MS = 60_000;

/** Of a dump that is kept now. */
export function keptFor(keepMs: number, now: Instant): DumpExpiry & { keptAtMs: number } {
  return { keptAtMs: now.wallMs, expiresAtMs: now.wallMs + keepMs, setAt: now };
}

/** Is the time over? Within one boot the wall clock has no say in it: it can be set. */
export function isOver({ expiresAtMs, setAt }: DumpExpiry, now: Instant): boolean {
  const lastsMs = expiresAtMs - setAt.wallMs;
  if (lastsMs <= 0) return true;
  if (!isSameBoot(setAt, now) && now.bootId !== '' && now.monotonicMs < SETTLING_MS) return false;
  return elapsedMs(setAt, now) >= lastsMs;
}

/**
 * The same end by the clocks of now; null if nothing is to be changed. Called now and then, so that a clock that is set, within this
 * boot or before the next one, neither ends the time early nor makes it last.
 */
export function renewed({ expiresAtMs, setAt }: DumpExpiry, now: Instant): DumpExpiry | null {
  const isSame = isSameBoot(setAt, now);
  if (now.bootId !== '' && !isSame && now.monotonicMs < SETTLING_MS) return null;
  const leftMs = Math.max(0, expiresAtMs - setAt.wallMs - elapsedMs(setAt, now));
  const isRight = Math.abs(now.wallMs + leftMs - expiresAtMs) <= DRIFT_MS;
  if (isRight && (isSame || now.bootId === '')) return null;
  return { expiresAtMs: isRight ? expiresAtMs : now.wallMs + leftMs, setAt: now };
}

function isSameBoot(one: Instant, other: Instant): boolean {
  return one.bootId !== '' && one.bootId === other.bootId && other.monotonicMs >= one.monotonicMs;
}
