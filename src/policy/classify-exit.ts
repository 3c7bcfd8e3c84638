import type {
  CandidateEvidence,
  CrashKind,
  ExitEvidence,
  ExitStatus,
  ExitVerdict,
  SupervisorReason,
} from '../model/exit.ts';
import type { ReasonCode } from '../model/exit-reason.ts';
import { classifySignal, SIGNAL_BY_NUMBER } from './classify-signal.ts';
import { counted, masked, notCounted, suspected } from './exit-verdict.ts';

/**
 * The exit taxonomy: does this exit count as a crash, of which kind, and why. Pure.
 * Source: the table of measured exits in docs/exits.md.
 */
export function classifyExit(status: ExitStatus, evidence: ExitEvidence): ExitVerdict {
  if (evidence.asked !== null) return classifyAsked(evidence.asked);
  const bySupervisor = evidence.because === null ? null : classifyBecause(status, evidence.because);
  if (bySupervisor !== null) return bySupervisor;
  switch (status.type) {
    case 'unknown':
      return classifyUnknown(evidence);
    case 'signal':
      return classifySignal(status.signal, evidence);
    case 'code':
      return classifyCode(status.code, evidence);
  }
}

function classifyAsked(asked: NonNullable<ExitEvidence['asked']>): ExitVerdict {
  const code = asked.what === 'stop' ? 'stop-requested' : 'restart-requested';
  return notCounted(code, asked.signal === null ? {} : { firstSignal: asked.signal });
}

/** null: the status decides. */
function classifyBecause(status: ExitStatus, because: SupervisorReason): ExitVerdict | null {
  switch (because) {
    case 'success': {
      const isZero = status.type === 'code' && status.code === 0;
      return isZero ? null : notCounted('accepted-by-supervisor');
    }
    case 'exception':
      return counted('exception', 'uncaught-exception');
    case 'timeout':
      return notCounted('supervisor-timeout');
    case 'oom-kill':
      return counted('oom-kill', 'oom-kill');
    case 'watchdog':
      return counted('abort', 'watchdog-abort');
    case 'cannot-start':
      return suspected('exit', 'supervisor-cannot-start');
  }
}

function classifyCode(code: number, evidence: ExitEvidence): ExitVerdict {
  const { candidate } = evidence;
  if (code === 0) {
    // V8's words of a full heap are then another process's, such as a cluster worker's: they end their own by a signal.
    return candidate !== null && isThrown(candidate)
      ? masked(thrownKind(candidate), 'masked-exception')
      : notCounted('normal');
  }
  const viaShell = code > 128 ? SIGNAL_BY_NUMBER.get(code - 128) : undefined;
  // Servers end with 130 or 143 themselves after SIGINT or SIGTERM; other such codes are a shell's unless the probe
  // saw process.exit().
  const stopCode = viaShell === 'SIGINT' || viaShell === 'SIGTERM';
  const shellCode =
    candidate === null || candidate.event === 'abort' || (stopCode && candidate.event === 'exit');
  if (viaShell !== undefined && shellCode) {
    return classifySignal(viaShell, evidence, { shellSignal: viaShell });
  }
  if (evidence.v8OutOfMemory) return counted('out-of-memory', 'heap-exhausted');
  if (candidate !== null && isCause(candidate, code, evidence.nodeTrailer)) {
    return candidateVerdict(candidate, code, evidence.runtime);
  }
  // Package managers and shells may exit with a code of their own for it.
  if (evidence.native !== null) return counted(evidence.native.kind, 'main-process-signal');
  // Node prints that exception; `process.exit(7)` of the app prints nothing.
  if (evidence.nodeTrailer)
    return counted(
      'exception',
      code === 7 && evidence.runtime === 'node' ? 'handler-exception' : 'printed-exception',
    );
  return suspected('exit', unprovenReason(code, evidence.runtime));
}

/**
 * A call of exit is not the cause if a start script exits with the code of the process that it started, or if Node stops
 * waiting for a top-level await (Node 22 and later set the exit code for it).
 */
export function isCause(candidate: CandidateEvidence, code: number, nodeTrailer: boolean): boolean {
  return candidate.event !== 'exit' || !(nodeTrailer || (code === 13 && candidate.byNode));
}

function candidateVerdict(
  candidate: CandidateEvidence,
  code: number,
  runtime: ExitEvidence['runtime'],
): ExitVerdict {
  const kind = thrownKind(candidate);
  switch (candidate.event) {
    case 'uncaught':
      if (code === 7 && runtime === 'node') return counted(kind, 'handler-threw');
      return counted(kind, candidate.stackOverflow ? 'stack-overflow' : 'uncaught-exception');
    case 'rejection':
      return counted(kind, candidate.whileLoading ? 'module-load' : 'unhandled-rejection');
    case 'handled-rejection':
      return counted(kind, 'rejection-ended-by-app');
    case 'abort':
      return counted('abort', 'process-abort');
    case 'exit':
      return suspected('exit', 'process-exit');
  }
}

function unprovenReason(code: number, runtime: ExitEvidence['runtime']): ReasonCode {
  if (runtime === 'node' && code === 13) return 'top-level-await';
  if (runtime === 'node' && code === 9) return 'bad-option';
  if (code === 126) return 'not-executable';
  return code === 127 ? 'command-not-found' : 'unknown';
}

function classifyUnknown({
  candidate,
  native,
  v8OutOfMemory,
  nodeTrailer,
  reported = null,
}: ExitEvidence): ExitVerdict {
  if (candidate?.event === 'abort') return counted('abort', 'process-abort');
  if (candidate !== null && candidate.event !== 'exit') {
    const isException = candidate.event === 'uncaught' || candidate.whileLoading;
    return counted(thrownKind(candidate), isException ? 'uncaught-exception' : 'unhandled-rejection');
  }
  if (native !== null) return counted(native.kind, 'main-process-signal');
  if (v8OutOfMemory) return counted('out-of-memory', 'heap-exhausted');
  if (nodeTrailer) return counted('exception', 'printed-exception');
  if (candidate === null && reported !== null)
    return suspected('exit', 'likely-exception', { runtime: reported });
  return candidate === null ? notCounted('no-sign-of-crash') : suspected('exit', 'process-exit');
}

function isThrown(candidate: CandidateEvidence): boolean {
  return candidate.event !== 'exit' && candidate.event !== 'abort';
}

function thrownKind(candidate: CandidateEvidence): CrashKind {
  if (candidate.stackOverflow) return 'stack-overflow';
  return candidate.event === 'uncaught' || candidate.whileLoading ? 'exception' : 'rejection';
}
