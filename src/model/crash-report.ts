import type { Addon } from './addon.ts';
import type { CrashKind } from './exit.ts';
import type { FaultClassification } from './fault.ts';
import type { Frame } from './frame.ts';
import type { Proof } from './last-words.ts';
import type { LargeMapping, MemoryBeforeEnd } from './memory.ts';
import type { Problem } from './problem.ts';
import type { ReportSource } from './report-source.ts';

import type { RuntimeVersion } from './runtime.ts';

/** One exception of a chain, private parts included. */
export type ExceptionDetail = {
  type: string;
  code: string | null;
  /** Private. */
  message: string;
  messageLength: number;
  frames: Frame[];
  /** Members of an AggregateError. */
  members: ExceptionDetail[];
  membersTotal: number;
};

/** The stack that `count` threads share, innermost first. */
export type ThreadStack = { count: number; frames: Frame[] };

/** A register at the time of the crash; the value is `0x` and hexadecimal digits. Private. */
export type Register = { name: string; value: string };

/** A fatal signal as the debugger saw it. */
export type NativeCrash = {
  fault: FaultClassification;
  /** Type of the C++ exception in flight, demangled. */
  cxxExceptionType: string | null;
  /** Private. */
  registers: Register[];
  /** Stacks of the other threads, most frequent first. */
  otherThreads: ThreadStack[];
};

/**
 * The analyzed crash with everything known, private parts included. It never leaves the machine: it becomes the
 * private log file, and `privacy/` makes the redacted report from it.
 */
export type CrashReport = {
  id: string;
  app: string;
  instance: string;
  diedAtMs: number;
  kind: CrashKind;
  signal: string | null;
  /** null for crashes that threw nothing (exit, abort, fault, oom-kill). */
  exception: ExceptionDetail | null;
  /**
   * Class of the emitter whose 'error' event had no listener; undefined if the exception was no such event. The
   * calls that emitted it end `frames`, where the exception's own do not show the app.
   */
  emitter?: string;
  /** What the app's own uncaughtException handler threw; undefined if nothing. */
  handlerFailure?: { type: string | null; frames: Frame[] };
  /** The package whose add-on crashed or could not be loaded. */
  addon?: Addon;
  /** `cause` chain of the exception, outermost first. */
  causes: ExceptionDetail[];
  /** Stack of the crash: the exception's, or the caller of `process.exit`/`abort`, or the crashing thread's. */
  frames: Frame[];
  heap: HeapStatistics | null;
  /**
   * Where the memory was before it ran out; undefined if nothing read it. `largest` is private: names can be paths.
   */
  memory?: MemoryBeforeEnd & { largest: LargeMapping[] };
  /** null if no debugger captured the crash. */
  native: NativeCrash | null;
  /** What could not be determined, and why. */
  problems: Problem[];
  /** Capture pause in milliseconds; 0 if the process was not paused. */
  holdMs: number;
  /** null if it is unknown. */
  runtime: RuntimeVersion | null;
  source: ReportSource;
  /** Only with last words. */
  proof?: Proof;
  /** File names are relative to this directory. */
  appRoot: string;
  /** The same for files outside of it in the same workspace; null if there is none. */
  workspaceRoot: string | null;
};

/** V8's heap at the time of the crash, in bytes. */
export type HeapStatistics = {
  usedBytes: number | null;
  committedBytes: number | null;
  limitBytes: number | null;
};
