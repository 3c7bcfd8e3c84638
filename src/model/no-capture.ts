import { RUNTIMES, type Runtime } from './runtime.ts';

/** Why a crash like the last one cannot be captured. */
export const NO_CAPTURE_REASONS = [
  /** Exceptions and exits of this runtime cannot be read; only a fatal signal could be captured. */
  'runtime',
  /** A fatal signal of a runtime that is not traced. */
  'untraced',
  'oom-kill',
  'top-level-await',
  /** Node.js rejects an option and exits before it loads the probe. */
  'bad-option',
  /** A shell could not find or execute the command. */
  'not-started',
  /** The exception was thrown in a child of the main process. */
  'other-process',
  /** A process below the main process crashed, e.g. a worker of gunicorn. */
  'worker-process',
  /** An armed worker exited with this code, and the probe recorded neither an exception nor an exit call. */
  'no-record',
  /** An armed worker exited with this code, and none of its processes had loaded the probe. */
  'no-probe',
  /** A fatal signal, and no debugger can be attached. */
  'no-debugger',
  /** This command cannot be started with the probe. */
  'cannot-arm',
  /** Another supervisor starts the service, and what ended it is nothing that crashmon agent captures. */
  'only-watched',
  /** Crashmon agent is not to attach to services (`--no-debugger`). */
  'switched-off',
  /** The helper of the exit watch cannot be started, or takes no more processes. */
  'no-exit-watch',
  /** The kernel does not let crashmon agent watch the process. */
  'not-permitted',
  /** The kernel lets no process trace another one until the next boot. */
  'tracing-disabled',
  /** Another debugger has the process. */
  'already-traced',
  /** Not Node.js, and crashmon agent learns how it ends by tracing it. */
  'exit-watched',
  /** This Node.js does not export the description of its heap. */
  'unreadable',
  /** No writable state directory for a capture. */
  'no-state',
] as const;
export type NoCaptureReason = (typeof NO_CAPTURE_REASONS)[number];

export type NoCapture = {
  why: NoCaptureReason;
  /** null if unknown or irrelevant. */
  runtime: Runtime | null;
  /** Exit code of the crash; null if it did not exit with a code. */
  code: number | null;
};

/** Wire format: `oom-kill`, `runtime/python`. Contains no text of the worker. */
export function noCaptureToken({ why, runtime }: NoCapture): string {
  return runtime === null ? why : `${why}/${runtime}`;
}

/** null for an unknown value, from a newer version or another sender. */
export function parseNoCaptureToken(token: string): NoCapture | null {
  const [first, second, ...more] = token.split('/');
  const why = NO_CAPTURE_REASONS.find((reason) => reason === first);
  const runtime = RUNTIMES.find((name) => name === second) ?? null;
  if (why === undefined || more.length > 0 || (second !== undefined && runtime === null)) return null;
  return { why, runtime, code: null };
}
