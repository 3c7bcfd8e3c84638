/** The dump of a process that was held at its exit, kept in memory until the exit is settled. Private. */
export type HeldDump = {
  /** Absolute path of the program. */
  executable: string;
  /** In pieces; none if there was too little time for it. */
  chunks: readonly Uint8Array[];
};
