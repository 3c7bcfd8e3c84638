import type { Runtime } from './runtime.ts';

/** A program as it was while a worker ran it. Private: its arguments can hold anything. */
export type ObservedProgram = {
  runtime: Runtime;
  /** null if the worker ended before it was seen: then this is what its command names, or what the one before ran. */
  pid: number | null;
  /** As its own pid namespace numbers it, e.g. a container; absent if that is `pid`. */
  ownPid?: number;
  /** Of one that was not seen: the process that was started. It is this program, or a shell that started it. */
  startedPid?: number;
  /** Absolute path. */
  executable: string;
  /** By it, a file that replaced this one is recognized; null if it could not be read. */
  executableId: string | null;
  cwd: string;
  args: string[];
  /** Wall-clock time at which it was first seen, soon after its start. */
  seenAtMs: number;
};
