import type { KeptFiles } from '../debugger/kept-memory.ts';
import type { WholeMemoryObstacle } from '../model/whole-memory.ts';

/**
 * A program's root directory: that of this process, another one (its file descriptor), or another one that cannot be read.
 */
export type ProgramRoot = 'host' | 'unknown' | number;

/** Where files of the program are read. */
export type ProgramRoots = {
  /** Is it another root directory than that of this process? */
  readonly isOther: boolean;
  /** Until the result is disposed of, reports are being made: the files are needed after the program has ended, too. */
  expect(): Disposable;
  /** Can wait a while. Dispose of the result. */
  use(): Promise<Disposable & { root: ProgramRoot }>;
  /** Without a wait. Dispose of the result. */
  useNow(): Disposable & { root: ProgramRoot };
};

/** `maps`: of a file with the text of `/proc/<pid>/maps`. */
export type WholeMemory = (KeptFiles & { maps: number }) | WholeMemoryObstacle;

/** An exit to be analyzed. Holds nothing private. */
export type AnalysisTask = {
  /** State directory of the app and instance. */
  directory: string;
  runId: string;
  app: string;
  instance: string;
  appRoot: string;
  workspaceRoot: string | null;
  /** File descriptor of the dump; null if there is none. */
  dumpFd: number | null;
  /** File descriptors by which all memory of the process is read, or why it is not kept; absent if that is not wanted. */
  whole?: WholeMemory;
  /** Of the program that ended; absent: `host`. */
  root?: ProgramRoot;
  /** It does not give way to the worker. */
  hurry?: boolean;
};

/** The one argument of the analysis process, which inherits the dump's file descriptor. */
export type AnalysisJob = AnalysisTask & {
  /** False for the second attempt, after source maps took too much. */
  sourceMaps: boolean;
  /** Both attempts failed: record that in the journal, and delete the raw capture. */
  giveUp: boolean;
};

/**
 * For the Node that analyzes: reading a big source map makes much young garbage, and room for it from the start saves a
 * quarter of the time (measured; more room takes longer).
 */
export const ANALYSIS_FLAGS: readonly string[] = ['--min-semi-space-size=16', '--max-semi-space-size=32'];
