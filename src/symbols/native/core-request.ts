/** What is to be unwound, with every bound set. */
export type CoreRequest = {
  /** Absolute. */
  corePath: string;
  /** Absolute. */
  executable: string;
  maxFrames: number;
  allThreads: boolean;
  /** Where debug information may be fetched from; null: nothing goes over the network. */
  debuginfod: Debuginfod | null;
};

/** Servers of debug information, which are told the build IDs of the files on the stack. */
export type Debuginfod = {
  /** URLs, with blanks between them (debuginfod-client-config(7)). */
  urls: string;
  /** What was fetched is kept here. */
  cacheDirectory: string;
};
