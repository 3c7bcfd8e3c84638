import { faultWords } from '../../analysis/fault/fault-words.ts';
import type { ExitStatus } from '../../model/exit.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import { line } from './safe-text.ts';

/** What happened, in one sentence without a full stop: `shop crashed of an unhandled TypeError`. */
export function headline(report: RedactedReport, status: ExitStatus): string {
  return `${line(report.app)} ${predicate(report, status)}`;
}

function predicate(report: RedactedReport, status: ExitStatus): string {
  const { kind, exceptionType, code, signal, fault } = report;
  if (fault !== null && (kind === 'fault' || kind === 'abort' || kind === 'stack-overflow')) {
    const words = isRustPanic(report) ? 'Rust panic' : line(faultWords(fault, exceptionType));
    return signal === null ? `crashed: ${words}` : `died of ${line(signal)}: ${words}`;
  }
  const type =
    exceptionType === null ? null : line(exceptionType) + (code === null ? '' : ` (${line(code)})`);
  const by = signal === null ? '' : ` (${line(signal)})`;
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

/** A program whose panics abort looks like any that aborts itself, but for its stack. */
function isRustPanic({ fault, frames }: RedactedReport): boolean {
  if (fault?.abortKind !== 'unknown' && fault?.summary !== 'illegal-instruction') return false;
  return frames.some(({ function: name }) =>
    /^(?:core|std)::panicking::|^rust_begin_unwind$/.test(name ?? ''),
  );
}
