import { hasEnded } from '../formats/procfs/process-stat.ts';
import { type AttachFailure, attachFailure } from './attach-failure.ts';
import { canSignal, isTracingDisabled, ptraceScope } from './ptrace-scope.ts';
import { readStatus } from './traced-process.ts';

/**
 * Why this process cannot be attached to now; null if it can.
 * @param ours process ID of the debugger that will attach
 */
export function obstacle(
  pid: number,
  signal: AbortSignal | undefined,
  ours?: number | null,
): AttachFailure | null {
  if (signal?.aborted) return attachFailure('aborted', 'attaching was called off');
  const status = readStatus(pid);
  if (status === null || hasEnded(status)) return attachFailure('gone', `process ${pid} has ended`);
  if (status.state === 'Z') {
    return attachFailure(
      'first-thread',
      'its first thread has ended, without which gdbserver attaches to none',
    );
  }
  if (status.tracerPid !== 0 && status.tracerPid !== ours) {
    return attachFailure('already-traced', `process ${pid} is traced by process ${status.tracerPid}`);
  }
  if (status.state === 'T') {
    return attachFailure('stopped', `process ${pid} is stopped; attaching would wake it`);
  }
  if (!canSignal(pid)) {
    const message =
      'the worker runs as another user, and crashmon has no permission to stop its threads (CAP_KILL)';
    return attachFailure('not-permitted', message);
  }
  // If it cannot trace even its own child, gdbserver hangs when it starts.
  return isTracingDisabled() ? notPermitted() : null;
}

/** The kernel refuses. */
export function notPermitted(): AttachFailure {
  return attachFailure('not-permitted', `the kernel does not permit tracing the worker${scopeInWords()}`);
}

/** The kernel lets only ancestors of the worker trace it. */
export function noAncestor(): AttachFailure {
  const message = `the kernel lets only ancestors trace the worker${scopeInWords()}, and it was started without a debugger`;
  return attachFailure('not-permitted', message);
}

function scopeInWords(): string {
  const value = ptraceScope();
  return value === 0 ? '' : ` (kernel.yama.ptrace_scope is ${value})`;
}
