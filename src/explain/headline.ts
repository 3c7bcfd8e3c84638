import type { ExitStatus } from '../model/exit.ts';
import type { RedactedReport } from '../model/redacted-report.ts';
import { faultWords } from './fault-words.ts';

/**
 * What happened, in one sentence without a full stop: `shop crashed of an unhandled TypeError`. Names of the app's are
 * in it as they are: whoever shows it makes it safe for where it is shown.
 */
export function headline(report: RedactedReport, status: ExitStatus): string {
  return `${report.app} ${predicate(report, status)}`;
}

function predicate(report: RedactedReport, status: ExitStatus): string {
  const { kind, exceptionType, code, signal, fault } = report;
  if (fault !== null && (kind === 'fault' || kind === 'abort' || kind === 'stack-overflow')) {
    const words = isRustPanic(report) ? 'Rust panic' : faultWords(fault, exceptionType);
    const then = laterSignal(report, status);
    if (then !== null) return `crashed: ${signal}, ${words}, then ${then} by its own handler`;
    return signal === null ? `crashed: ${words}` : `died of ${signal}: ${words}`;
  }
  const type = exceptionType === null ? null : exceptionType + (code === null ? '' : ` (${code})`);
  const by = signal === null ? '' : ` (${signal})`;
  switch (kind) {
    case 'exception':
      return `crashed of an unhandled ${type ?? 'exception'}`;
    case 'rejection':
      return `crashed of an unhandled promise rejection${type === null ? '' : `: ${type}`}`;
    case 'stack-overflow':
      return 'crashed of a stack overflow';
    case 'out-of-memory':
      return 'crashed because its heap was full';
    case 'fault':
      return `crashed of a fault in native code${by}`;
    case 'abort':
      return `aborted itself${by}`;
    case 'exit':
      return `ended itself${status.type === 'code' ? ` with exit code ${status.code}` : ''}`;
    case 'oom-kill':
      return 'was killed by the kernel because memory ran out';
  }
}

/** The signal that ended the process, where its own handler of the first one raised it; else null. */
export function laterSignal(
  { signal, fault }: Pick<RedactedReport, 'signal' | 'fault'>,
  status: ExitStatus,
): string | null {
  if (fault === null || signal === null || status.type !== 'signal') return null;
  return status.signal === signal ? null : status.signal;
}

/** A program whose panics abort looks like any that aborts itself, but for its stack. */
function isRustPanic({ fault, frames }: RedactedReport): boolean {
  if (fault?.abortKind !== 'unknown' && fault?.summary !== 'illegal-instruction') return false;
  return frames.some(({ function: name }) =>
    /^(?:core|std)::panicking::|^rust_begin_unwind$/.test(name ?? ''),
  );
}
