/**
 * Why a worker is not attached; it was left as it was. Some of these pass: `stopped` and `already-traced` may be tried
 * again later.
 */
export type AttachFailureCode =
  /** The Debian package gdbserver is not installed, or what was named is no gdbserver. */
  | 'no-gdbserver'
  /** The kernel refuses: another user's process, `ptrace_scope`, a container without the capability. */
  | 'not-permitted'
  /** One tracer a process; it may be the worker itself. */
  | 'already-traced'
  /** There is no such process (any more), or it is a zombie. */
  | 'gone'
  /** Stopped by a signal; attaching would wake it. */
  | 'stopped'
  | 'aborted'
  /** gdbserver did not answer in time or not as expected. */
  | 'protocol';

export type AttachFailure = { failed: AttachFailureCode; message: string };

export function attachFailure(failed: AttachFailureCode, message: string): AttachFailure {
  return { failed, message };
}
