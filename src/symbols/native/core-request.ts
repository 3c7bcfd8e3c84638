/** What is to be unwound, with every bound set. */
export type CoreRequest = {
  /** Absolute. */
  corePath: string;
  /** Absolute. */
  executable: string;
  maxFrames: number;
  allThreads: boolean;
};
