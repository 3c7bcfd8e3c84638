import type { ExitReason } from './exit-reason.ts';
import type { Runtime } from './runtime.ts';

/** How a process ended, as its parent saw it. `unknown` if crashmon was not running. */
export type ExitStatus =
  | { type: 'code'; code: number }
  | { type: 'signal'; signal: string }
  | { type: 'unknown' };

/** Kind of crash, as reports name it. */
export const CRASH_KINDS = [
  'exception',
  'rejection',
  'stack-overflow',
  'out-of-memory',
  'fault',
  'abort',
  'exit',
  'oom-kill',
] as const;
export type CrashKind = (typeof CRASH_KINDS)[number];

/** The verdict on one exit. */
export type ExitVerdict = {
  /** Counts towards arming. */
  counted: boolean;
  /** Counted without proof that it was a crash. */
  suspected: boolean;
  /** null if the exit was no crash; a masked crash has one although it does not count. */
  kind: CrashKind | null;
  reason: ExitReason;
};

/** Evidence about an exit besides its status. */
export type ExitEvidence = {
  /** A stop or restart requested through crashmon, with the forwarded signal. */
  asked: { what: 'stop' | 'restart'; signal: string | null } | null;
  /** Other signals forwarded to the worker during the run (SIGHUP, SIGUSR1, SIGUSR2). */
  passedOn: readonly string[];
  /** Increase of `oom_kill` in the worker's cgroup during the run; null if unreadable. */
  oomKills: number | null;
  /** Standard error ends with Node's fatal-exception trailer. */
  nodeTrailer: boolean;
  /** Standard error contains V8's out-of-memory output. */
  v8OutOfMemory: boolean;
  /** The runtime whose report of an exception standard error ends with; looked for only if the exit status is unknown. */
  reported?: Runtime | null;
  /** The newest probe record from within seconds of the exit; null without one. */
  candidate: CandidateEvidence | null;
  /** The fatal signal of the main process as a debugger saw it; null if none did. */
  native: NativeEvidence | null;
  /** What the supervisor says besides the exit status; null if nothing. */
  because: SupervisorReason | null;
  /** Runtime of the main process, detected while it ran: exit codes have a meaning only for Node.js. */
  runtime: 'node' | 'other' | 'unknown';
};

/**
 * `success`: it takes this exit for a normal end, whatever its status. `exception`: its own code in the worker caught an
 * uncaught exception, and ended the worker.
 */
export type SupervisorReason = 'success' | 'exception' | 'oom-kill' | 'watchdog' | 'timeout' | 'cannot-start';

/** What is known of an exit of which another supervisor reports. */
export type SupervisorView = {
  because: SupervisorReason | null;
  /** The exit watch has read it. */
  isEndRead: boolean;
};

export type NativeEvidence = {
  kind: 'fault' | 'abort' | 'stack-overflow';
  /** The first signal, if a handler of the process raised another; null if it has no name. */
  signal: string | null;
  /** A process sent it: no invalid access. */
  sent: boolean;
};

export type CandidateEvidence = {
  event: 'uncaught' | 'rejection' | 'handled-rejection' | 'exit' | 'abort';
  stackOverflow: boolean;
  /** It is a rejection only because Node loads ES modules in a promise. */
  whileLoading: boolean;
  /** For an exit: no app code called it. */
  byNode: boolean;
};
