import type { Coded, UnknownCode } from './coded.ts';

/** Why an exit counts, or does not. `explain/exit-reason-words.ts` has the words. */
export const REASON_CODES = [
  'uncaught-exception',
  /** Proven by Node's fatal-error output alone. */
  'printed-exception',
  /** Proven by what another runtime printed. */
  'reported-exception',
  /** The same of a fatal error that is no exception, as PHP's memory limit. */
  'reported-fatal-error',
  /** A runtime's report of an exception ends standard error: an app that logs one and exits looks the same. */
  'likely-exception',
  /** Thrown in the app's own uncaughtException handler; proven by exit code 7 alone. */
  'handler-exception',
  /** An exception, and the app's own uncaughtException handler threw as well. */
  'handler-threw',
  'unhandled-rejection',
  /** An unhandled rejection, after which the app's own listener ended the process. */
  'rejection-ended-by-app',
  'module-load',
  'stack-overflow',
  'native-stack-overflow',
  'heap-exhausted',
  /** The same of another runtime: `-XX:+ExitOnOutOfMemoryError` of the JVM. */
  'memory-exhausted',
  'process-exit',
  'process-abort',
  /** The main process was killed by a signal; a wrapper exited with a code. */
  'main-process-signal',
  'top-level-await',
  'bad-option',
  'not-executable',
  'command-not-found',
  'unknown',
  'invalid-memory-access',
  'bus-error',
  'illegal-instruction',
  'arithmetic-fault',
  'trap',
  'forbidden-system-call',
  'fatal-signal',
  'sent-signal',
  'unhandled-signal',
  'abort',
  /** systemd's watchdog, whose SIGABRT crashmon forwards. */
  'watchdog-abort',
  'oom-kill',
  /** Its master ended it, because it did not respond in time. */
  'worker-timeout',
  'normal',
  /** Exit code 0, right after an uncaught exception. */
  'masked-exception',
  'stop-requested',
  'restart-requested',
  'stop-signal',
  'forwarded-signal',
  'terminal-signal',
  /** SIGKILL of another process. */
  'killed',
  /** SIGKILL, and the kernel's OOM counter could not be read. */
  'killed-oom-unknown',
  'no-sign-of-crash',
  /** The supervisor takes this exit for a normal end, by its settings. */
  'accepted-by-supervisor',
  /** The supervisor ended it: it took too long to start, or ran longer than allowed. */
  'supervisor-timeout',
  /** The supervisor could not execute the command. */
  'supervisor-cannot-start',
  /** The worker could not start with the probe. */
  'probe-refused',
  /** Reported by a sender other than crashmon. */
  'foreign',
  /** A reason that could not be read. */
  'withheld',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** Read together with the exit status, which it does not repeat. */
export type ExitReason = Omit<Coded, 'code' | 'count'> & { readonly code: ReasonCode | UnknownCode };

const CODES: ReadonlySet<string> = new Set(REASON_CODES);

export function isReasonCode(code: string): code is ReasonCode {
  return CODES.has(code);
}
