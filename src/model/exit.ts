/** How a process ended, as its parent saw it. `unknown` when nobody was there to see it (crashmon was away). */
export type ExitStatus =
  | { type: 'code'; code: number }
  | { type: 'signal'; signal: string }
  | { type: 'unknown' };

/** What kind of crash it was; the vocabulary of reports. */
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

/** The answer of the exit taxonomy for one exit. */
export type ExitVerdict = {
  /** Does this exit count towards arming? */
  counted: boolean;
  /** Counted although nothing proves that it was a crash. */
  suspected: boolean;
  /** null where the exit was no crash; a masked crash has one although it does not count. */
  kind: CrashKind | null;
  /** One sentence for people; holds no text of the worker's. */
  reason: string;
};

/** What is known about an exit beside its status; evidence for the exit taxonomy. */
export type ExitEvidence = {
  /** A stop or a restart that was asked for through crashmon, with the signal that was passed on. */
  asked: { what: 'stop' | 'restart'; signal: string } | null;
  /** Signals other than a stop that were passed on to the worker during the run (SIGHUP, SIGUSR1, SIGUSR2). */
  passedOn: readonly string[];
  /** Rise of `oom_kill` in the worker's cgroup during the run; null where it cannot be read. */
  oomKills: number | null;
  /** Standard error ends with Node's fatal-exception trailer. */
  nodeTrailer: boolean;
  /** Standard error holds V8's last words on an exhausted heap. */
  v8OutOfMemory: boolean;
  /** What the probe recorded within seconds of the death, newest; null without a probe or a record. */
  candidate: CandidateEvidence | null;
  /** What a debugger saw the main process die of, by a signal; null where none saw it. */
  native: NativeEvidence | null;
  /** Of the process that did the work, seen while it lived: its exit codes mean something only where it was Node. */
  runtime: 'node' | 'other' | 'unknown';
};

export type NativeEvidence = {
  kind: 'fault' | 'abort' | 'stack-overflow';
  /** The first one, where a handler of the process raised another; null where it has no name. */
  signal: string | null;
  /** A process sent it: there was no invalid access. */
  sent: boolean;
};

export type CandidateEvidence = {
  event: 'uncaught' | 'rejection' | 'handled-rejection' | 'exit' | 'abort';
  stackOverflow: boolean;
  /** It is a rejection only because Node loads ES modules in a promise. */
  whileLoading: boolean;
  /** Of an exit: no code of the app's called it. */
  byNode: boolean;
};
