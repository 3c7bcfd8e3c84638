import type { NodeDeath } from '../formats/crash-output/node-death.ts';
import type { CrashKind, ExitStatus } from '../model/exit.ts';
import type { CandidateRecord } from '../model/probe-record.ts';
import { failedWhileLoading } from './failed-while-loading.ts';
import type { ReadSource } from './verify-frames.ts';

/**
 * The kind of a crash once its record is known: the record knows better than the exit, which cannot tell a rejection
 * from an exception or from `process.exit(1)`.
 */
export function crashKind(
  verdict: CrashKind,
  status: ExitStatus,
  candidate: CandidateRecord | null,
  death: NodeDeath,
  readSource: ReadSource,
): CrashKind {
  if (ranOutOfMemory(verdict, status, death)) return 'out-of-memory';
  if (candidate !== null) return kindOf(candidate, readSource);
  // Without a record only Node's own words can make a rejection of an exception.
  return verdict === 'exception' && death.unhandledRejection ? 'rejection' : verdict;
}

/** Standard error is shared with the worker's children: V8's words count only if the worker died the way V8 kills. */
export function ranOutOfMemory(verdict: CrashKind, status: ExitStatus, death: NodeDeath): boolean {
  if (verdict === 'out-of-memory') return true;
  if (death.outOfMemory === null || verdict === 'oom-kill') return false;
  if (status.type === 'signal') return status.signal === 'SIGABRT';
  return status.type === 'unknown' || status.code === 134;
}

function kindOf(candidate: CandidateRecord, readSource: ReadSource): CrashKind {
  const { event, thrown } = candidate;
  if (event === 'exit' || event === 'abort') return event;
  if (thrown?.stackOverflow === true) return 'stack-overflow';
  return event === 'uncaught' || failedWhileLoading(candidate, readSource) ? 'exception' : 'rejection';
}
