/** Why the memory of a process is not kept whole after its end. */
export const WHOLE_MEMORY_OBSTACLES = [
  /** No fatal signal ended it. */
  'no-signal',
  /** crashmon is not root, or has no CAP_SYS_PTRACE. */
  'not-permitted',
  /** That of another process is being written. */
  'one-at-a-time',
  /** The next worker could lack it meanwhile. */
  'memory-short',
  /** Something in it would be in use for longer, and keep the next worker from starting. */
  'in-use',
  /** It has another root directory (a container), which could not be used again at once. */
  'other-root',
  /** It could not be prepared in the time that the worker can be held. */
  'late',
  /** It does not fit into the store. */
  'no-room',
  /** It was given back before it was written: memory became short, or a process was killed. */
  'lost',
] as const;
export type WholeMemoryObstacle = (typeof WHOLE_MEMORY_OBSTACLES)[number];
