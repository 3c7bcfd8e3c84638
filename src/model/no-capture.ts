import { RUNTIMES, type Runtime } from './runtime.ts';

/** Why arming brings no call stack of a crash like the last one. */
export const NO_CAPTURE_REASONS = [
  /** Exceptions and exits of this runtime cannot be read; only a fatal signal could be captured. */
  'runtime',
  /** A fatal signal of a runtime that is not traced. */
  'untraced',
  'oom-kill',
  'top-level-await',
  /** Node does not know an option, and ends before the probe is loaded. */
  'bad-option',
  /** A shell could not find or execute the command. */
  'not-started',
  /** The exception was thrown in a process below the main one. */
  'other-process',
  /** An armed worker ended with this code, and the probe recorded neither an exception nor a call of exit. */
  'no-record',
  /** An armed worker ended with this code, and no process of it had loaded the probe. */
  'no-probe',
  /** A fatal signal, and no debugger can be attached. */
  'no-debugger',
  /** Workers of this command cannot be started with the probe at all. */
  'cannot-arm',
  /** No state directory, or it cannot be written: a capture has no place. */
  'no-state',
] as const;
export type NoCaptureReason = (typeof NO_CAPTURE_REASONS)[number];

export type NoCapture = {
  why: NoCaptureReason;
  /** null where it is not known, or does not matter. */
  runtime: Runtime | null;
  /** Exit code of the crash; null where it did not exit by itself. */
  code: number | null;
};

/** For the wire: `oom-kill`, `runtime/python`. Nothing in it is text of the worker's. */
export function noCaptureToken({ why, runtime }: NoCapture): string {
  return runtime === null ? why : `${why}/${runtime}`;
}

/** null for what is none, of a newer version or of another sender. */
export function parseNoCaptureToken(token: string): NoCapture | null {
  const [first, second, ...more] = token.split('/');
  const why = NO_CAPTURE_REASONS.find((reason) => reason === first);
  const runtime = RUNTIMES.find((name) => name === second) ?? null;
  if (why === undefined || more.length > 0 || (second !== undefined && runtime === null)) return null;
  return { why, runtime, code: null };
}
