import type { NodeDeath } from '../formats/crash-output/node-death.ts';
import type { ReadSource } from '../formats/script-frames/verify-frames.ts';
import type { CrashKind, ExitStatus } from '../model/exit.ts';
import type { CandidateRecord } from '../model/probe-record.ts';
import { failedWhileLoading } from './failed-while-loading.ts';

/**
 * The kind of a crash with its record, which distinguishes a rejection, an exception and `process.exit(1)`, unlike the exit.
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
  // Without a record, only Node's own output shows a rejection.
  return verdict === 'exception' && death.unhandledRejection ? 'rejection' : verdict;
}

/** Children share the worker's standard error: V8's message counts only if the worker ended as V8 ends it. */
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
