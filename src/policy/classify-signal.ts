import type { ExitEvidence, ExitVerdict, NativeEvidence } from '../model/exit.ts';
import type { ReasonCode } from '../model/exit-reason.ts';
import { counted, notCounted, type ReasonSignals, suspected } from './exit-verdict.ts';

/** Linux numbers (the same on x86-64 and arm64) of the signals that end a process. */
export const SIGNAL_BY_NUMBER: ReadonlyMap<number, string> = new Map([
  [1, 'SIGHUP'],
  [2, 'SIGINT'],
  [3, 'SIGQUIT'],
  [4, 'SIGILL'],
  [5, 'SIGTRAP'],
  [6, 'SIGABRT'],
  [7, 'SIGBUS'],
  [8, 'SIGFPE'],
  [9, 'SIGKILL'],
  [10, 'SIGUSR1'],
  [11, 'SIGSEGV'],
  [12, 'SIGUSR2'],
  [13, 'SIGPIPE'],
  [14, 'SIGALRM'],
  [15, 'SIGTERM'],
  [24, 'SIGXCPU'],
  [25, 'SIGXFSZ'],
  [31, 'SIGSYS'],
]);

const FAULTS: ReadonlyMap<string, ReasonCode> = new Map([
  ['SIGSEGV', 'invalid-memory-access'],
  ['SIGBUS', 'bus-error'],
  ['SIGILL', 'illegal-instruction'],
  ['SIGFPE', 'arithmetic-fault'],
  ['SIGTRAP', 'trap'],
  ['SIGSYS', 'forbidden-system-call'],
]);

/** Signals of a fault, or of a process that gave up. */
export const FAULT_SIGNALS: ReadonlySet<string> = new Set([...FAULTS.keys(), 'SIGABRT']);

/** @param signals names the signal again if a shell turned it into an exit code */
export function classifySignal(
  signal: string,
  evidence: ExitEvidence,
  signals: ReasonSignals = {},
): ExitVerdict {
  const { native } = evidence;
  if (native !== null && native.signal !== null && native.signal !== signal) {
    // A handler that prints a report and ends the process by another signal: the first one is the crash.
    return counted(native.kind, firstCause(native, native.signal), {
      ...signals,
      firstSignal: native.signal,
    });
  }
  if (signal === 'SIGABRT') return classifyAbort(evidence, signals);
  const fault = FAULTS.get(signal);
  if (fault !== undefined) {
    return evidence.v8OutOfMemory
      ? counted('out-of-memory', 'heap-exhausted', signals)
      : counted(native?.kind ?? 'fault', native === null ? fault : firstCause(native, signal), signals);
  }
  if (signal === 'SIGKILL') return classifyKill(evidence, signals);
  if (signal === 'SIGTERM' || signal === 'SIGINT') return notCounted('stop-signal', signals);
  if (evidence.passedOn.includes(signal)) return notCounted('forwarded-signal', signals);
  if (signal === 'SIGHUP' || signal === 'SIGQUIT') return notCounted('terminal-signal', signals);
  return suspected('fault', 'unhandled-signal', signals);
}

function firstCause({ kind, sent }: NativeEvidence, signal: string): ReasonCode {
  if (sent) return 'sent-signal';
  if (kind === 'stack-overflow') return 'native-stack-overflow';
  return FAULTS.get(signal) ?? (kind === 'abort' ? 'abort' : 'fatal-signal');
}

function classifyAbort(evidence: ExitEvidence, signals: ReasonSignals): ExitVerdict {
  if (evidence.v8OutOfMemory) return counted('out-of-memory', 'heap-exhausted', signals);
  if (evidence.candidate?.event === 'abort') return counted('abort', 'process-abort', signals);
  return counted('abort', evidence.passedOn.includes('SIGABRT') ? 'watchdog-abort' : 'abort', signals);
}

function classifyKill({ oomKills }: ExitEvidence, signals: ReasonSignals): ExitVerdict {
  if (oomKills === null) return notCounted('killed-oom-unknown', signals);
  return oomKills > 0 ? counted('oom-kill', 'oom-kill', signals) : notCounted('killed', signals);
}
