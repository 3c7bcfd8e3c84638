import type { ExitStatus } from '../model/exit.ts';

/**
 * A worker process, however crashmon came to have it (started by us, or taken over from an earlier crashmon). Ways to
 * have one are kept apart from watching, deciding and capturing.
 */
export type Worker = {
  readonly pid: number;
  /** `/proc/<pid>/stat` start time, 0 where it could not be read. */
  readonly startTicks: number;
  /** Settles when the process is gone; never rejects. */
  readonly exited: Promise<ExitStatus>;
  /** Sends a signal; a process that is gone is no error. */
  signal(name: NodeJS.Signals): void;
};
