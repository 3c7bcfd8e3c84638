import type { Register } from './crash-report.ts';
import type { FaultClassification } from './fault.ts';
import type { JavaScriptCall } from './native-stack.ts';

/** What a trimmed core lacks, so that unwinding may end early. */
export const DUMP_PROBLEMS = [
  /** The crashing thread's stack pointer does not point to a stack. */
  'no-stack',
  /** Of a deep stack, the part between its innermost and its outermost frames was left out. */
  'stack-cut',
  /** The list of loaded libraries could not be read to its end. */
  'link-map-damaged',
  /** There are more threads than the size allows; their registers are missing. */
  'threads-left-out',
  /** The size was used up before everything was in. */
  'size-limit',
] as const;
export type DumpProblem = (typeof DUMP_PROBLEMS)[number];

/**
 * What is known of a death by a signal beside its dump, written as `native.json` into the run's raw directory. Private,
 * and deleted as soon as the report is made.
 */
export type NativeRecord = {
  v: 1;
  fault: FaultClassification;
  /** Absolute path of the program. */
  executable: string;
  /** How long the process was held, in milliseconds. */
  holdMs: number;
  threadCount: number;
  /** Threads that did not stop in time. */
  missingThreads: number;
  registers: Register[];
  /** Calls of JavaScript on the crashing thread's stack, where the program is a Node. */
  calls: JavaScriptCall[];
  dumpProblems: DumpProblem[];
  /** Is there a dump, handed to the analysis as an open file? */
  hasDump: boolean;
};
