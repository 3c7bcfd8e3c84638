import { canSignal, canTrace, ownTracingRight, type TracingRight } from '../../debugger/ptrace-scope.ts';
import type { NoCaptureReason } from '../../model/no-capture.ts';
import type { Runtime } from '../../model/runtime.ts';
import { isUntraced } from '../../policy/monitor-state.ts';
import type { SourceKind } from '../source.ts';

/** Its exits come from the exit watch, the one tracer that its process can have. */
export function isExitWatched(source: string): boolean {
  return source === 'process' || source === 'container';
}

/**
 * Why nothing that ends this process would be captured, as far as that can be said without attaching to it; null if it
 * would, or that is not known yet.
 * @param isAllowed false: nothing is attached to the service
 * @param right of the agent
 */
export function captureOutlook(
  pid: number,
  runtime: Runtime | null,
  source: SourceKind,
  isAllowed: boolean,
  right: () => TracingRight = ownTracingRight,
): NoCaptureReason | null {
  if (runtime === null) return null;
  if (isUntraced(runtime)) return 'only-watched';
  if (!isAllowed) return 'switched-off';
  const ours = right();
  if (ours === 'never') return 'tracing-disabled';
  // Of Node.js the exit watch reads also what ends it.
  if (runtime !== 'node' && isExitWatched(source)) return 'exit-watched';
  const isReachable = canTrace(pid, ours) && (runtime === 'node' || canSignal(pid));
  return isReachable ? null : 'not-permitted';
}
