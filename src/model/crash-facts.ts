import type { Addon } from './addon.ts';
import type { HeapStatistics } from './crash-report.ts';
import type { CrashKind, ExitStatus } from './exit.ts';
import type { PublicFault } from './fault.ts';
import type { Frame } from './frame.ts';
import type { RedactedException } from './redacted-report.ts';

/**
 * The public facts from which the cause of a crash is found: a `RedactedReport` plus the exit status. For an exit
 * without a report, unknown fields are null or empty.
 */
export type CrashFacts = {
  readonly kind: CrashKind;
  readonly exceptionType: string | null;
  readonly code: string | null;
  readonly signal: string | null;
  readonly status: ExitStatus;
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
  readonly nodeVersion?: string | null;
};

/** The facts of an exit without a capture. */
export function factsOfExit(kind: CrashKind, status: ExitStatus): CrashFacts {
  const signal = status.type === 'signal' ? status.signal : null;
  return { kind, exceptionType: null, code: null, signal, status, fault: null, frames: [] };
}
