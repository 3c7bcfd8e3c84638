/**
 * Why a worker is not attached; it was not changed. `stopped`, `first-thread` and `already-traced` can be retried later.
 */
export type AttachFailureCode =
  /** The Debian package gdbserver is not installed, or the named program is no gdbserver. */
  | 'no-gdbserver'
  /** The kernel refuses: another user's process, `ptrace_scope`, a container without the capability. */
  | 'not-permitted'
  /** A process can have one tracer; it may be one of its own. */
  | 'already-traced'
  /** There is no such process, or it is a zombie. */
  | 'gone'
  /** Other threads run on, or it is about to be gone, or to execute a program. */
  | 'first-thread'
  /** Stopped by a signal; attaching would wake it. */
  | 'stopped'
  | 'aborted'
  /** gdbserver did not answer in time or not as expected. */
  | 'protocol';

export type AttachFailure = { failed: AttachFailureCode; message: string };

export function attachFailure(failed: AttachFailureCode, message: string): AttachFailure {
  return { failed, message };
}
