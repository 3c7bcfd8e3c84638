import type { Addon } from './addon.ts';
import type { HeapStatistics, ThreadStack } from './crash-report.ts';
import type { CrashKind } from './exit.ts';
import type { PublicFault } from './fault.ts';
import type { Frame } from './frame.ts';

export const REPORT_SCHEMA_VERSION = 1;

/** A cause or an aggregate's member: type and stack only. */
export type RedactedException = {
  exceptionType: string | null;
  /** Only codes that look like codes (`ECONNREFUSED`, `ERR_…`). */
  code: string | null;
  frames: Frame[];
  members: RedactedException[];
};

declare const madeByRedaction: unique symbol;

/**
 * The report that may leave the instance. The type has no field for a message, arguments or environment, and its
 * brand makes `privacy/` the only place where one can be made.
 */
export type RedactedReport = {
  readonly [madeByRedaction]: true;
  readonly schemaVersion: typeof REPORT_SCHEMA_VERSION;
  readonly id: string;
  readonly app: string;
  readonly instance: string;
  /** ISO 8601, UTC. */
  readonly diedAt: string;
  readonly kind: CrashKind;
  /** Of a C++ exception too. null when nothing was thrown or the name does not look like a type's name. */
  readonly exceptionType: string | null;
  readonly code: string | null;
  readonly signal: string | null;
  readonly frames: readonly Frame[];
  /**
   * Class of the emitter whose 'error' event nobody listened to, null where its name is none; absent where the exception
   * was no such event, and in reports of older versions.
   */
  readonly emitter?: string | null;
  /**
   * What the app's own handler of uncaught exceptions threw, which ends Node with code 7; absent where it threw nothing,
   * and in reports of older versions.
   */
  readonly handlerFailure?: RedactedException;
  /**
   * The package whose add-on a death by a signal happened in, or that Node could not load; absent where there is none, and
   * in reports of older versions.
   */
  readonly addon?: Addon;
  readonly causes: readonly RedactedException[];
  readonly members: readonly RedactedException[];
  readonly heap: HeapStatistics | null;
  /** What the death by a signal was; null where no debugger captured it. */
  readonly fault: PublicFault | null;
  /** Stacks of the other threads of a process that a debugger captured. */
  readonly otherThreads: readonly ThreadStack[];
  readonly nodeVersion: string | null;
  readonly problems: readonly string[];
  readonly hold: { readonly ms: number };
};
