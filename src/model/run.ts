import type { ExitStatus, ExitVerdict } from './exit.ts';
import type { Instant } from './instant.ts';

/** One life of the worker, from start to exit. Its id is also the crash's id. */
export type Run = {
  /** 12 lower-case hexadecimal digits. */
  id: string;
  startedAt: Instant;
  /** The process that crashmon started (a wrapper such as npm, or the worker itself); null between intent and start. */
  pid: number | null;
  /** Start time in clock ticks since boot (`/proc/<pid>/stat` field 22): tells a pid from its successor. */
  pidStartTicks: number | null;
  /** Was this run started with the probe? */
  armed: boolean;
  /** Fingerprint of command line and directory; decides whether an orphan is taken over or replaced. */
  commandHash: string;
};

/** A run that has ended. */
export type EndedRun = Run & {
  diedAt: Instant;
  status: ExitStatus;
  verdict: ExitVerdict;
  crashesInWindow: number;
  /** True once a report with a stack (or all there was to be had) was made of this exit. */
  captured: boolean;
};
