import type { ExitStatus } from '../../model/exit.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import { line } from './safe-text.ts';

/** What happened, in one sentence without a full stop: `shop crashed of an unhandled TypeError`. */
export function headline(report: RedactedReport, status: ExitStatus): string {
  return `${line(report.app)} ${predicate(report, status)}`;
}

function predicate({ kind, exceptionType, code, signal }: RedactedReport, status: ExitStatus): string {
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
