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
