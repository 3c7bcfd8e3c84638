import { notPermitted } from '../debugger/obstacle.ts';
import { readStatus } from '../debugger/traced-process.ts';

export type WatchFailureCode =
  /** It was not built, or cannot be executed. */
  | 'no-helper'
  /** The kernel refuses: another user's process, `ptrace_scope`, a container without the capability. */
  | 'not-permitted'
  /** A process can have one tracer, and has one: it may be this one. */
  | 'already-traced'
  /** It has ended. */
  | 'gone'
  /** The helper takes no more processes. */
  | 'too-many'
  /** `end` was called. */
  | 'ended';

/** Why a process is not watched; it was not changed. */
export type WatchFailure = { readonly failed: WatchFailureCode; readonly message: string };

export function watchFailure(failed: WatchFailureCode, message: string): WatchFailure {
  return { failed, message };
}

/** Of the error number with which the helper refused. */
export function refusal(pid: number, errno: number): WatchFailure {
  const status = readStatus(pid);
  if (errno === ESRCH || status === null || status.state === 'Z' || status.state === 'X') {
    return watchFailure('gone', `process ${pid} has ended`);
  }
  if (errno === ENOSPC) return watchFailure('too-many', 'too many processes are watched');
  if (errno === EEXIST || status.tracerPid !== 0) {
    return watchFailure('already-traced', `process ${pid} is traced by process ${status.tracerPid}`);
  }
  return watchFailure('not-permitted', notPermitted().message);
}

const ESRCH = 3;
const EEXIST = 17;
const ENOSPC = 28;
