import type { Addon } from './addon.ts';
import type { CrashKind } from './exit.ts';
import type { FaultClassification } from './fault.ts';
import type { Frame } from './frame.ts';

/** One exception of a chain: what a report may say about it in private. */
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

/** The stack that `count` threads had alike, innermost first. */
export type ThreadStack = { count: number; frames: Frame[] };

/** A register at the moment of death; the value is `0x` and hexadecimal digits. Private. */
export type Register = { name: string; value: string };

/** A death by a signal, as the debugger saw it. */
export type NativeDeath = {
  fault: FaultClassification;
  /** Of the C++ exception that was in flight, demangled. */
  cxxExceptionType: string | null;
  /** Private. */
  registers: Register[];
  /** Stacks of the process's other threads; the most frequent first. */
  otherThreads: ThreadStack[];
};

/**
 * The analysed crash with everything known, private parts included. It never leaves the machine: it becomes the
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
   * Class of the emitter whose 'error' event nobody listened to; undefined where the exception was no such event. The
   * calls that emitted it end `frames`, where the exception's own do not show the app.
   */
  emitter?: string;
  /** What the app's own handler of uncaught exceptions threw; undefined where it threw nothing. */
  handlerFailure?: { type: string | null; frames: Frame[] };
  /** The package whose add-on a death by a signal happened in, or that Node could not load. */
  addon?: Addon;
  /** `cause` chain of the exception, outermost first. */
  causes: ExceptionDetail[];
  /** Stack of the crash: the exception's, or the caller of `process.exit`/`abort`, or the crashing thread's. */
  frames: Frame[];
  heap: HeapStatistics | null;
  /** null where no debugger captured the death. */
  native: NativeDeath | null;
  /** What could not be found out and why, in sentences without any text of the worker's. */
  problems: string[];
  /** How long the capture held the dying process, in milliseconds; 0 where nothing held it. */
  holdMs: number;
  nodeVersion: string | null;
  /** Directory that file names are made relative to. */
  appRoot: string;
  /** The same for what is outside of it in one workspace; null where the app is in none. */
  workspaceRoot: string | null;
};

/** V8's heap at death, in bytes. */
export type HeapStatistics = {
  usedBytes: number | null;
  committedBytes: number | null;
  limitBytes: number | null;
};
