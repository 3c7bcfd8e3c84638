/** A package whose native code crashed or could not be loaded. */
export type Addon = {
  readonly name: string;
  /** From its package.json on disk; null if missing. */
  readonly version: string | null;
  /** Node refused to load it because it was built for another version of Node (NODE_MODULE_VERSION). */
  readonly forOtherNode: boolean;
};
