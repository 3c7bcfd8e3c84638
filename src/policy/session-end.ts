import type { Instant } from '../model/instant.ts';
import type { SessionEnd, SessionRecord } from '../model/session.ts';
import { elapsedMs } from './elapsed.ts';
import { isSettling, leftMs, renewed } from './expiry.ts';

/** What has passed is noted so often: a clock that is wrong after a boot makes a session last no longer than that. */
const NOTED_MS = 60 * 60_000;

/** As it was set the last time. */
export function sessionEnd({ session, end }: SessionRecord): SessionEnd {
  if (end?.session === session.id) return end;
  return { session: session.id, expiresAtMs: session.endsAtMs, setAt: session.startedAt };
}

/**
 * The end by the clocks of now; null if nothing is to be changed. Once its time is over, that is final, unless the clock is that
 * of a new boot, in which it can still be wrong.
 */
export function renewedEnd(record: SessionRecord, now: Instant): SessionEnd | null {
  const end = sessionEnd(record);
  if (end.overAt !== undefined || isSettling(end, now)) return null;
  const stillMs = leftMs(end, now);
  if (stillMs === 0) return { ...end, overAt: now };
  const isToBeNoted = elapsedMs(end.setAt, now) >= NOTED_MS;
  const noted = isToBeNoted ? { expiresAtMs: now.wallMs + stillMs, setAt: now } : null;
  const next = renewed(end, now) ?? noted;
  return next === null ? null : { ...end, ...next };
}
