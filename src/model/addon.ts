/** A package whose machine code the process died in, or could not load. */
export type Addon = {
  readonly name: string;
  /** As its package.json on disk says; null where it says none. */
  readonly version: string | null;
  /** Node refused to load it because it was built for another version of Node (NODE_MODULE_VERSION). */
  readonly forOtherNode: boolean;
};
