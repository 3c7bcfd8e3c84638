import type { Register } from './crash-report.ts';
import type { FaultClassification } from './fault.ts';
import type { JavaScriptCall } from './native-stack.ts';

/** What a trimmed core lacks; unwinding can stop early. */
export const DUMP_PROBLEMS = [
  /** The crashing thread's stack pointer does not point to a stack. */
  'no-stack',
  /** The middle of a deep stack was left out. */
  'stack-cut',
  /** The list of loaded libraries could not be read to its end. */
  'link-map-damaged',
  /** There are more threads than the size allows; their registers are missing. */
  'threads-left-out',
  /** The size limit was reached. */
  'size-limit',
] as const;
export type DumpProblem = (typeof DUMP_PROBLEMS)[number];

/**
 * Data about a fatal signal besides the dump, written as `native.json` into the run's raw directory. Private, and
 * deleted once the report exists.
 */
export type NativeRecord = {
  v: 1;
  fault: FaultClassification;
  /** Absolute path of the program. */
  executable: string;
  /** Capture pause in milliseconds. */
  holdMs: number;
  threadCount: number;
  /** Threads that did not stop in time. */
  missingThreads: number;
  registers: Register[];
  /** JavaScript calls on the stack of the crashing thread, for Node.js. */
  calls: JavaScriptCall[];
  dumpProblems: DumpProblem[];
  /** There is a dump, passed to the analysis as an open file. */
  hasDump: boolean;
};
