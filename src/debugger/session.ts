import type { ProcessSnapshot } from '../model/process-snapshot.ts';

export type FatalContext = {
  /** When the process goes on at the latest, by performance.now(); memory reads as nothing after it. */
  untilMs: number;
  /** The process has a handler for the signal: it may survive, and then what was captured is dropped. */
  handled: boolean;
  /** Threads that did not stop in time and are not in the snapshot. */
  missingThreads: number;
  /** Whatever the caller may do beside reading (an inferior call, say) ends when this says so. */
  signal: AbortSignal;
};

/** Called while the process stands still: take what is needed and return. May throw; the process goes on anyway. */
export type OnFatal<C> = (snapshot: ProcessSnapshot, context: FatalContext) => C | Promise<C>;

export type FatalCapture<C> = {
  /** The signal that was captured first; the process may have died of one that its handler raised. */
  signal: number;
  tid: number;
  handled: boolean;
  /** What `onFatal` returned. */
  value: C;
  holdMs: number;
};

export type SessionEnd<C> =
  | { type: 'exited'; code: number }
  /** `capture` where a signal that was captured is what it died of. */
  | { type: 'killed'; signal: number | null; capture: FatalCapture<C> | null }
  /** The worker runs on untraced. */
  | { type: 'detached'; reason: DetachReason }
  /** gdbserver died or was given up; the worker runs on untraced, or is dying of what `capture` holds. */
  | { type: 'lost'; message: string; capture: FatalCapture<C> | null };

/**
 * `worker-stopped`: somebody stopped it (SIGSTOP, Ctrl-Z) and it stays stopped. `signal-storm`: it handles so many
 * faults that a debugger slows it down.
 */
export type DetachReason = 'asked' | 'worker-stopped' | 'signal-storm';

export type SessionEvent =
  /** A fatal signal arrived. `outcome`: what became of capturing it. */
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
  /** Settles once; the debugger process is gone then. Never rejects. */
  readonly ended: Promise<SessionEnd<C>>;
  /** Lets the worker run untraced. Settles when that is so; never rejects. */
  detach(): Promise<void>;
};
