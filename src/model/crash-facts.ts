import type { Addon } from './addon.ts';
import type { HeapStatistics } from './crash-report.ts';
import type { CrashKind, ExitStatus } from './exit.ts';
import type { PublicFault } from './fault.ts';
import type { Frame } from './frame.ts';
import type { Proof } from './last-words.ts';
import type { MemoryBeforeEnd } from './memory.ts';
import type { RedactedException, RedactedReport } from './redacted-report.ts';
import type { ReportSource } from './report-source.ts';
import type { RuntimeVersion } from './runtime.ts';

/** Known of every crash, with or without a report. */
export type CrashCause = {
  readonly kind: CrashKind;
  readonly exceptionType: string | null;
  readonly code: string | null;
  readonly signal: string | null;
  readonly status: ExitStatus;
};

/**
 * The public facts from which the cause of a crash is found: a `RedactedReport` plus the exit status. For an exit
 * without a report, unknown fields are null or empty.
 */
export type CrashFacts = CrashCause & {
  readonly fault: PublicFault | null;
  /** Innermost first. */
  readonly frames: readonly Frame[];
  /** The exception was an 'error' event without a listener: the class of its emitter. */
  readonly emitter?: string | null;
  /** The package whose add-on crashed or could not be loaded. */
  readonly addon?: Addon;
  /** `cause` chain, outermost first. */
  readonly causes?: readonly RedactedException[];
  /** Members of an AggregateError. */
  readonly members?: readonly RedactedException[];
  readonly heap?: HeapStatistics | null;
  readonly memory?: MemoryBeforeEnd;
  readonly runtime?: RuntimeVersion | null;
  readonly source?: ReportSource;
  readonly proof?: Proof;
};

/** A Rust panic that aborts differs from any other abort only in its stack. */
export function isRustPanic({ fault, frames }: Pick<CrashFacts, 'fault' | 'frames'>): boolean {
  if (fault?.abortKind !== 'unknown' && fault?.summary !== 'illegal-instruction') return false;
  return frames.some(({ function: name }) =>
    /^(?:core|std)::panicking::|^rust_begin_unwind$/.test(name ?? ''),
  );
}

/** The facts of an exit without a capture. */
export function factsOfExit(kind: CrashKind, status: ExitStatus): CrashFacts {
  const signal = status.type === 'signal' ? status.signal : null;
  return { kind, exceptionType: null, code: null, signal, status, fault: null, frames: [] };
}

/** The facts of a crash whose report may be missing. */
export function factsOf({
  report,
  ...cause
}: CrashCause & { readonly report: RedactedReport | null }): CrashFacts {
  if (report !== null) return { ...report, status: cause.status };
  const { kind, exceptionType, code, signal, status } = cause;
  return { kind, exceptionType, code, signal, status, fault: null, frames: [] };
}
