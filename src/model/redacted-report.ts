import type { Addon } from './addon.ts';
import type { HeapStatistics, ThreadStack } from './crash-report.ts';
import type { CrashKind } from './exit.ts';
import type { PublicFault } from './fault.ts';
import type { Frame } from './frame.ts';
import type { Proof } from './last-words.ts';
import type { MemoryBeforeEnd } from './memory.ts';
import type { Problem } from './problem.ts';
import type { ReportSource } from './report-source.ts';
import type { RuntimeVersion } from './runtime.ts';

export const REPORT_SCHEMA_VERSION = 3;

/** A cause or a member of an AggregateError: type and stack only. */
export type RedactedException = {
  exceptionType: string | null;
  /** Only codes that look like codes (`ECONNREFUSED`, `ERR_…`). */
  code: string | null;
  frames: Frame[];
  members: RedactedException[];
};

declare const madeByRedaction: unique symbol;

/**
 * The report that may leave the instance. The type has no field for a message, arguments or environment. Because of its
 * brand, only `privacy/` can make one.
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
  /** Also for C++ exceptions. null if nothing was thrown or the name does not look like a type. */
  readonly exceptionType: string | null;
  readonly code: string | null;
  readonly signal: string | null;
  readonly frames: readonly Frame[];
  /**
   * Class of the emitter whose 'error' event had no listener, null if the name is no class name; absent if the exception
   * was no such event, and in reports of older versions.
   */
  readonly emitter?: string | null;
  /**
   * What the app's own uncaughtException handler threw, which ends Node.js with code 7; absent if it threw nothing, and in
   * reports of older versions.
   */
  readonly handlerFailure?: RedactedException;
  /**
   * The package whose add-on crashed or could not be loaded; absent if there is none, and in reports of older versions.
   */
  readonly addon?: Addon;
  readonly causes: readonly RedactedException[];
  readonly members: readonly RedactedException[];
  readonly heap: HeapStatistics | null;
  /** Where the memory was before it ran out; absent if nothing read it, and in reports of older versions. */
  readonly memory?: MemoryBeforeEnd;
  /** The fatal signal; null if no debugger captured it. */
  readonly fault: PublicFault | null;
  /** Stacks of the other threads of a process that a debugger captured. */
  readonly otherThreads: readonly ThreadStack[];
  /** null if it is unknown. */
  readonly runtime: RuntimeVersion | null;
  readonly source: ReportSource;
  /** How sure it is that the process ended because of this exception; only with last words. */
  readonly proof?: Proof;
  readonly problems: readonly Problem[];
  readonly hold: { readonly ms: number };
};
