import type { Instant } from '../model/instant.ts';
import type { EndedRun } from '../model/run.ts';
import type { SessionRecord } from '../model/session.ts';
import { elapsedMs } from './elapsed.ts';

/** `running`, or what ended it. */
export type SessionState = {
  state: 'running' | 'stopped' | 'time' | 'count';
  /** Until its time is over; 0 unless it runs. */
  leftMs: number;
  dumpsLeft: number;
};

/**
 * Whether a session runs at `now`. Its time is over when the wall clock has reached its end, when it has lasted that long by the
 * monotonic clock, or when the clock of a later boot is before its start: a clock that was set back makes no session longer.
 */
export function sessionState({ session, progress }: SessionRecord, now: Instant): SessionState {
  const kept = progress?.session === session.id ? progress.kept.length : 0;
  const dumpsLeft = Math.max(0, session.maxDumps - kept);
  const leftMs = leftOf(session, now);
  const over = (state: SessionState['state']) => ({ state, leftMs: 0, dumpsLeft });
  if (session.stoppedAtMs !== null) return over('stopped');
  if (dumpsLeft === 0) return over('count');
  return leftMs === 0 ? over('time') : { state: 'running', leftMs, dumpsLeft };
}

export function isSessionRunning(record: SessionRecord | null | undefined, now: Instant): boolean {
  return record != null && sessionState(record, now).state === 'running';
}

/** Is the dump of this crash to be kept? */
export function isInSession(
  record: SessionRecord,
  { diedAt, process }: Pick<EndedRun, 'diedAt' | 'process'>,
): boolean {
  const { startedAt, process: wanted } = record.session;
  const isWanted = wanted === undefined || (process.role !== 'main' && process.name === wanted);
  return isWanted && !isBefore(diedAt, startedAt) && isSessionRunning(record, diedAt);
}

/** Does a session that runs want dumps of the main process? */
export function isSessionOfMain(record: SessionRecord | null | undefined, now: Instant): boolean {
  return isSessionRunning(record, now) && record?.session.process === undefined;
}

function isBefore(one: Instant, other: Instant): boolean {
  if (one.bootId !== '' && one.bootId === other.bootId) return one.monotonicMs < other.monotonicMs;
  return one.wallMs < other.wallMs;
}

function leftOf({ startedAt, endsAtMs }: SessionRecord['session'], now: Instant): number {
  const isOtherBoot = startedAt.bootId === '' || startedAt.bootId !== now.bootId;
  if (isOtherBoot && now.wallMs < startedAt.wallMs) return 0;
  const lastsMs = endsAtMs - startedAt.wallMs;
  return Math.max(0, Math.min(endsAtMs - now.wallMs, lastsMs - elapsedMs(startedAt, now)));
}
