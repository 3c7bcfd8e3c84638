import type { ExitStatus } from '../model/exit.ts';
import type { RedactedReport } from '../model/redacted-report.ts';
import { faultWords } from './fault-words.ts';

/**
 * What happened, in one sentence without a full stop: `shop crashed: uncaught TypeError`. It contains the app's names
 * unescaped: the caller escapes them.
 */
export function headline(report: RedactedReport, status: ExitStatus): string {
  return `${report.app} ${predicate(report, status)}`;
}

function predicate(report: RedactedReport, status: ExitStatus): string {
  const { kind, exceptionType, code, signal, fault, frames } = report;
  if (fault !== null && (kind === 'fault' || kind === 'abort' || kind === 'stack-overflow')) {
    const words = isRustPanic(report) ? 'Rust panic' : faultWords(fault, exceptionType);
    const then = laterSignal(report, status);
    if (then !== null) return `crashed: ${signal}, ${words}, then ${then} from its own signal handler`;
    return signal === null ? `crashed: ${words}` : `crashed: ${signal}, ${words}`;
  }
  const type = exceptionType === null ? null : exceptionType + (code === null ? '' : ` (${code})`);
  switch (kind) {
    case 'exception':
      return `crashed: uncaught ${type ?? 'exception'}`;
    case 'rejection':
      return `crashed: unhandled rejection${type === null ? '' : `: ${type}`}`;
    case 'stack-overflow':
      return 'crashed: stack overflow';
    case 'out-of-memory':
      return 'ran out of memory (JavaScript heap)';
    case 'fault':
      return `crashed: ${signal ?? 'fault'} in native code`;
    case 'abort':
      return `crashed: ${signal === null ? '' : `${signal}, `}process aborted itself`;
    case 'exit':
      // Without frames no code called process.exit.
      return `exited${frames.length > 0 ? ' deliberately' : ''}${status.type === 'code' ? ` with code ${status.code}` : ''}`;
    case 'oom-kill':
      return 'was killed by the kernel (OOM kill)';
  }
}

/** The signal that killed the process, if its own handler raised it after the first signal; else null. */
export function laterSignal(
  { signal, fault }: Pick<RedactedReport, 'signal' | 'fault'>,
  status: ExitStatus,
): string | null {
  if (fault === null || signal === null || status.type !== 'signal') return null;
  return status.signal === signal ? null : status.signal;
}

/** A Rust panic that aborts differs from any other abort only in its stack. */
function isRustPanic({ fault, frames }: RedactedReport): boolean {
  if (fault?.abortKind !== 'unknown' && fault?.summary !== 'illegal-instruction') return false;
  return frames.some(({ function: name }) =>
    /^(?:core|std)::panicking::|^rust_begin_unwind$/.test(name ?? ''),
  );
}
