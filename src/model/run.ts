import type { EndedProcess } from './ended-process.ts';
import type { ExitStatus, ExitVerdict } from './exit.ts';
import type { Impact } from './impact.ts';
import type { Instant } from './instant.ts';

/** One run of the worker, from start to exit. Its id is also the crash ID. */
export type Run = {
  /** 12 lower-case hexadecimal digits. */
  id: string;
  startedAt: Instant;
  /** The process that crashmon started (a wrapper such as npm, or the worker itself); null between intent and start. */
  pid: number | null;
  /** Start time in clock ticks since boot (`/proc/<pid>/stat` field 22): detects a reused pid. */
  pidStartTicks: number | null;
  /** This run was started with the probe. */
  armed: boolean;
  /** Fingerprint of command line and directory; decides whether an orphan is adopted or replaced. */
  commandHash: string;
};

/** A finished run. */
export type EndedRun = Run & {
  /** Unless it is the main one, `pid` and `startedAt` are those of this process. */
  process: EndedProcess;
  /** Of a process below the main one: until its master started another; null if it had not for a while. */
  replacedAfterMs: number | null;
  /** Of the main process it is known only after the next start; null if it is not. */
  impact: Impact | null;
  diedAt: Instant;
  status: ExitStatus;
  verdict: ExitVerdict;
  crashesInWindow: number;
  /** True once this exit has a report, with a stack if one was available. */
  captured: boolean;
};
