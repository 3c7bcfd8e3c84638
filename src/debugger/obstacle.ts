import { type AttachFailure, attachFailure } from './attach-failure.ts';
import { readStatus } from './traced-process.ts';

/**
 * What speaks against attaching to this process now, null for nothing.
 * @param ours process id of the debugger that is to have it
 */
export function obstacle(
  pid: number,
  signal: AbortSignal | undefined,
  ours?: number | null,
): AttachFailure | null {
  if (signal?.aborted) return attachFailure('aborted', 'attaching was called off');
  const status = readStatus(pid);
  if (status === null || status.state === 'Z' || status.state === 'X') {
    return attachFailure('gone', `process ${pid} has ended`);
  }
  if (status.tracerPid !== 0 && status.tracerPid !== ours) {
    return attachFailure('already-traced', `process ${pid} is traced by process ${status.tracerPid}`);
  }
  if (status.state === 'T') {
    return attachFailure('stopped', `process ${pid} is stopped; attaching would wake it`);
  }
  return null;
}
