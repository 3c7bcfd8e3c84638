import type { CrashKind, ExitStatus } from '../model/exit.ts';
import type { CandidateRecord } from '../model/probe-record.ts';
import type { PlainProblem } from '../model/problem.ts';

/** The record of what ended the process, or why there is none. */
export type PickedCandidate = { candidate: CandidateRecord | null; problem: PlainProblem | null };

/**
 * A record is a candidate, because an app can survive exceptions. It counts if it was made shortly before the exit (see
 * `decisiveRecord`) and an exception can cause that exit.
 */
export function pickCandidate(
  candidates: readonly CandidateRecord[],
  death: { diedAtMs: number; status: ExitStatus; kind: CrashKind },
  armed: boolean,
): PickedCandidate {
  if (candidates.length === 0) return { candidate: null, problem: armed ? 'no-record' : 'not-armed' };
  const cause = decisiveRecord(candidates, death.diedAtMs);
  if (cause === null) return { candidate: null, problem: 'records-stale' };
  if (cause.event !== 'abort' && !canBeCausedByException(death.status, death.kind)) {
    return { candidate: null, problem: 'record-not-the-cause' };
  }
  return { candidate: cause, problem: null };
}

/**
 * The newest record of the last ten seconds. If that is a call of `exit`, its cause is the exception before it: most loggers
 * catch, write and exit, and a server that closes its connections first takes longer. So a handler of the app has sixty
 * seconds. But if an app has survived an exception for longer, only exceptions of the last ten seconds count.
 * @param candidates in order of creation
 */
export function decisiveRecord(
  candidates: readonly CandidateRecord[],
  diedAtMs: number,
): CandidateRecord | null {
  // The age is negative if the wall clock was set back, or by rounding.
  const recent = candidates.filter((candidate) => Math.abs(diedAtMs - candidate.atMs) <= MAX_AGE_MS);
  const newest = recent.at(-1);
  if (newest?.event !== 'exit') return newest ?? null;
  const isThrown = ({ thrown }: CandidateRecord) => thrown !== null;
  return recent.findLast(isThrown) ?? lastHandled(candidates.filter(isThrown), diedAtMs) ?? newest;
}

function lastHandled(thrown: readonly CandidateRecord[], diedAtMs: number): CandidateRecord | null {
  const handled = thrown.every(
    ({ appHandles, atMs }) => appHandles && Math.abs(diedAtMs - atMs) <= MAX_HANDLER_MS,
  );
  return handled ? (thrown.at(-1) ?? null) : null;
}

const MAX_AGE_MS = 10_000;
const MAX_HANDLER_MS = 60_000;

/** How an exception ends with `--abort-on-uncaught-exception`. */
const ABORT_SIGNALS: ReadonlySet<string> = new Set(['SIGABRT', 'SIGTRAP', 'SIGILL']);

function canBeCausedByException(status: ExitStatus, kind: CrashKind): boolean {
  if (kind === 'out-of-memory' || kind === 'oom-kill') return false;
  if (status.type === 'signal') return ABORT_SIGNALS.has(status.signal);
  // A shell in between turns the signal into a code.
  return kind !== 'fault';
}
