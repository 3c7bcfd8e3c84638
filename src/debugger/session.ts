import type { ProcessSnapshot } from '../model/process-snapshot.ts';

export type FatalContext = {
  /** Deadline of the hold, by performance.now(); after it memory reads as empty. */
  untilMs: number;
  /** The process has a handler for the signal: it can survive, and then the capture is dropped. */
  handled: boolean;
  /** Threads that did not stop in time and are not in the snapshot. */
  missingThreads: number;
  /** Ends whatever the caller does besides reading (e.g. an inferior call). */
  signal: AbortSignal;
};

/** Called while the process is stopped: read what is needed and return. Can throw; the process continues anyway. */
export type OnFatal<C> = (snapshot: ProcessSnapshot, context: FatalContext) => C | Promise<C>;

export type FatalCapture<C> = {
  /** The signal that was captured first; the fatal one may have been raised by its handler. */
  signal: number;
  tid: number;
  handled: boolean;
  /** What `onFatal` returned. */
  value: C;
  holdMs: number;
};

export type SessionEnd<C> =
  | { type: 'exited'; code: number }
  /** `capture` if the signal that ended it was captured. */
  | { type: 'killed'; signal: number | null; capture: FatalCapture<C> | null }
  /** The worker runs on untraced; or it is ending by the signal in `capture`. */
  | { type: 'detached'; reason: DetachReason; capture: FatalCapture<C> | null }
  /** gdbserver ended or was killed; the worker runs on untraced, or is ending by the signal in `capture`. */
  | { type: 'lost'; message: string; capture: FatalCapture<C> | null };

/**
 * `worker-stopped`: it was stopped (SIGSTOP, Ctrl-Z) and stays stopped. `signal-storm`: it handles so many
 * faults that a debugger slows it down. `namespace-init`: a fault ends the first process of a PID namespace only untraced.
 */
export type DetachReason = 'asked' | 'worker-stopped' | 'signal-storm' | 'namespace-init';

export type SessionEvent =
  /** A fatal signal arrived. `outcome` of capturing it. */
  | {
      type: 'first-chance';
      signal: number;
      tid: number;
      handled: boolean;
      outcome: 'captured' | 'passed-on' | 'raised-by-handler' | 'late' | 'failed';
      holdMs: number;
    }
  /** It came too often: gdbserver passes it without stopping until `forMs` are over. */
  | { type: 'storm'; signal: number; forMs: number }
  /** The process executes another program. */
  | { type: 'exec' };

/** A debugger that is attached and waits. Disposing of it detaches. */
export type DebuggerSession<C> = AsyncDisposable & {
  readonly pid: number;
  /** Process id of gdbserver. */
  readonly debuggerPid: number;
  /** Settles as soon as the end is known: the debugger process can still be there. Never rejects. */
  readonly outcome: Promise<SessionEnd<C>>;
  /** The capture of a process that `signal` has ended, whether or not gdbserver has reported that end. */
  captureFor(signal: number): FatalCapture<C> | null;
  /** As `outcome`, once the debugger process has ended. Never rejects. */
  readonly ended: Promise<SessionEnd<C>>;
  /** Lets the worker run untraced. Settles when that is done; never rejects. */
  detach(): Promise<void>;
};
