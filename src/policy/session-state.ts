import type { Instant } from '../model/instant.ts';
import type { EndedRun } from '../model/run.ts';
import type { SessionRecord } from '../model/session.ts';
import { leftMs } from './expiry.ts';
import { sessionEnd } from './session-end.ts';

/** `running`, or what ended it. */
export type SessionState = {
  state: 'running' | 'stopped' | 'time' | 'count';
  /** Until its time is over; 0 unless it runs. */
  leftMs: number;
  /** By the wall clock, as it was set the last time. */
  endsAtMs: number;
  dumpsLeft: number;
};

/** Whether a session runs at `now`. Within one boot its time is over when it has lasted that long, wherever the wall clock is set. */
export function sessionState(record: SessionRecord, now: Instant): SessionState {
  const { session, progress } = record;
  const kept = progress?.session === session.id ? progress.kept.length : 0;
  const dumpsLeft = Math.max(0, session.maxDumps - kept);
  const end = sessionEnd(record);
  const left = end.overAt === undefined ? leftMs(end, now) : 0;
  const over = (state: SessionState['state']) => ({ state, leftMs: 0, endsAtMs: end.expiresAtMs, dumpsLeft });
  if (session.stoppedAtMs !== null) return over('stopped');
  if (dumpsLeft === 0) return over('count');
  return left === 0 ? over('time') : { ...over('running'), leftMs: left };
}

export function isSessionRunning(record: SessionRecord | null | undefined, now: Instant): boolean {
  return record != null && sessionState(record, now).state === 'running';
}

/**
 * Is the dump of this crash to be kept? It was in the session if it ended between its start and its end, by the order of boots as
 * far as that is known: a clock can have been set in between.
 * @param bootId of now
 */
export function isInSession(
  record: SessionRecord,
  { diedAt, process }: Pick<EndedRun, 'diedAt' | 'process'>,
  bootId: string,
): boolean {
  const { startedAt, process: wanted } = record.session;
  const isWanted = wanted === undefined || (process.role !== 'main' && process.name === wanted);
  if (!isWanted || isBefore(diedAt, startedAt, bootId)) return false;
  const { overAt, ...end } = sessionEnd(record);
  if (overAt !== undefined && !isBefore(diedAt, overAt, bootId)) return false;
  // What was before the end was set the last time, while the session ran, was in it.
  return isSessionRunning({ ...record, end }, isBefore(diedAt, end.setAt, bootId) ? end.setAt : diedAt);
}

/** Does a session that runs want dumps of the main process? */
export function isSessionOfMain(record: SessionRecord | null | undefined, now: Instant): boolean {
  return isSessionRunning(record, now) && record?.session.process === undefined;
}

function isBefore(one: Instant, other: Instant, bootId: string): boolean {
  if (one.bootId !== '' && one.bootId === other.bootId) return one.monotonicMs < other.monotonicMs;
  // What is of this boot is after all of an earlier one.
  if (bootId !== '' && one.bootId === bootId) return false;
  if (bootId !== '' && other.bootId === bootId) return true;
  return one.wallMs < other.wallMs;
}
