import type { ExitStatus } from '../model/exit.ts';

/**
 * A worker process: started by crashmon, or taken over. `agent/worker-source.ts` lists the ways to have one.
 */
export type Worker = {
  readonly pid: number;
  /** `/proc/<pid>/stat` start time, 0 where it could not be read. */
  readonly startTicks: number;
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<ExitStatus>;
  /** A process that has ended is no error. */
  signal(name: NodeJS.Signals): void;
};
