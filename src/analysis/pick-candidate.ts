import type { CrashKind, ExitStatus } from '../model/exit.ts';
import type { CandidateRecord } from '../model/probe-record.ts';
import type { PlainProblem } from '../model/problem.ts';

/** The record of what the process died of, or why there is none. */
export type PickedCandidate = { candidate: CandidateRecord | null; problem: PlainProblem | null };

/**
 * A record is only a candidate: an app can survive its exceptions. It counts when it was made shortly before the death
 * (see `decisiveRecord`) and the process did not die of something that no exception brings about.
 */
export function pickCandidate(
  candidates: readonly CandidateRecord[],
  death: { diedAtMs: number; status: ExitStatus; kind: CrashKind },
  armed: boolean,
): PickedCandidate {
  if (candidates.length === 0) return { candidate: null, problem: armed ? 'no-record' : 'not-armed' };
  const cause = decisiveRecord(candidates, death.diedAtMs);
  if (cause === null) return { candidate: null, problem: 'records-stale' };
  if (cause.event !== 'abort' && !canDieOfException(death.status, death.kind)) {
    return { candidate: null, problem: 'record-not-the-cause' };
  }
  return { candidate: cause, problem: null };
}

/**
 * The newest record of the last ten seconds. Where that is a call of `exit`, what was thrown before is why it was
 * called: most loggers catch, write, and exit, and a server that closes its connections first takes longer. So a
 * handler of the app's has sixty seconds for its goodbye; but an app that has survived an exception for longer than
 * that goes on after its exceptions, and only what was thrown within ten seconds counts.
 * @param candidates in the order in which they were made
 */
export function decisiveRecord(
  candidates: readonly CandidateRecord[],
  diedAtMs: number,
): CandidateRecord | null {
  // The age is negative when the wall clock was set back in between, or by a rounding.
  const recent = candidates.filter((candidate) => Math.abs(diedAtMs - candidate.atMs) <= MAX_AGE_MS);
  const newest = recent.at(-1);
  if (newest?.event !== 'exit') return newest ?? null;
  const isThrown = ({ thrown }: CandidateRecord) => thrown !== null;
  return recent.findLast(isThrown) ?? saidGoodbye(candidates.filter(isThrown), diedAtMs) ?? newest;
}

function saidGoodbye(thrown: readonly CandidateRecord[], diedAtMs: number): CandidateRecord | null {
  const handled = thrown.every(
    ({ appHandles, atMs }) => appHandles && Math.abs(diedAtMs - atMs) <= MAX_GOODBYE_MS,
  );
  return handled ? (thrown.at(-1) ?? null) : null;
}

const MAX_AGE_MS = 10_000;
const MAX_GOODBYE_MS = 60_000;

/** `--abort-on-uncaught-exception` makes an exception end in one of these. */
const ABORT_SIGNALS: ReadonlySet<string> = new Set(['SIGABRT', 'SIGTRAP', 'SIGILL']);

function canDieOfException(status: ExitStatus, kind: CrashKind): boolean {
  if (kind === 'out-of-memory' || kind === 'oom-kill') return false;
  if (status.type === 'signal') return ABORT_SIGNALS.has(status.signal);
  // A shell in between turns the signal into a code.
  return kind !== 'fault';
}
