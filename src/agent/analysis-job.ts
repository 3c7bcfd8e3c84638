/** What the analysis process is told, as its one argument; holds nothing private. */
export type AnalysisJob = {
  /** State directory of the app and instance. */
  directory: string;
  runId: string;
  app: string;
  instance: string;
  appRoot: string;
  workspaceRoot: string | null;
  /** File descriptor of the dump, which the process inherits; null where there is none. */
  dumpFd: number | null;
  /** False for the second attempt, after source maps proved too much. */
  sourceMaps: boolean;
  /** Both attempts failed: says so in the journal, and deletes the raw capture. */
  giveUp: boolean;
};

/**
 * For the Node that analyses: reading a big source map makes much young garbage, and room for it from the start saves a
 * quarter of the time (measured; more room than this takes more).
 */
export const ANALYSIS_FLAGS: readonly string[] = ['--min-semi-space-size=16', '--max-semi-space-size=32'];
