/** A process, as far as its role in a run is decided by it. Private: a command line can hold anything. */
export type ProcessFacts = {
  /** File name of its executable, or what it was called by where that cannot be read. */
  program: string;
  /** Its command line, or the title that it wrote over it. */
  args: readonly string[];
  /** Which of `ENVIRONMENT_MARKS` were in the environment that it was started with. */
  marks: ReadonlySet<string>;
};

/** Variables by which masters mark their workers. */
export const ENVIRONMENT_MARKS = ['NODE_UNIQUE_ID', 'pm_id'] as const;
