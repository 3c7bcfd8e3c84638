/** A request to unwind a core, with all limits. */
export type CoreRequest = {
  /** Absolute. */
  corePath: string;
  /** Absolute. */
  executable: string;
  /** A directory with files by their build IDs, among them the executable; null: the files are where they were. */
  buildIds: string | null;
  maxFrames: number;
  allThreads: boolean;
  /** Source of debug information; null: no network access. */
  debuginfod: Debuginfod | null;
};

/** Servers of debug information; requests contain the build IDs of the files on the stack. */
export type Debuginfod = {
  /** URLs, separated by blanks (debuginfod-client-config(7)). */
  urls: string;
  /** Cache of fetched files. */
  cacheDirectory: string;
};
