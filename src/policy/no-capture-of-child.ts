import type { ExitStatus, ExitVerdict } from '../model/exit.ts';
import type { NoCapture } from '../model/no-capture.ts';
import type { Runtime } from '../model/runtime.ts';
import { isUntraced } from './monitor-state.ts';

/** What is known of a process below the main one that has ended with a crash. */
export type EndedChildFacts = {
  status: ExitStatus;
  verdict: ExitVerdict;
  captured: boolean;
  /** It was armed. */
  armed: boolean;
  runtime: Runtime | null;
  /** What ended it was read at its exit. */
  wasRead: boolean;
  /** Debuggers are wanted. */
  canDebug: boolean;
};

/** Why a crash like this one of a process below the main one would not be captured; null if it would. */
export function noCaptureOfChild(ended: EndedChildFacts): NoCapture | null {
  const { status, verdict, captured, armed, runtime, wasRead, canDebug } = ended;
  if (captured || verdict.kind === 'out-of-memory') return null;
  // Of an armed one its memory is read before; this one was too fast for that.
  if (verdict.kind === 'oom-kill') return armed ? { why: 'oom-kill', runtime: null, code: null } : null;
  const byFault = verdict.kind === 'fault' || verdict.kind === 'abort';
  if (byFault && status.type === 'signal') {
    if (isUntraced(runtime)) return { why: 'untraced', runtime, code: null };
    return canDebug ? null : { why: 'no-debugger', runtime: null, code: null };
  }
  if (runtime === 'node' && status.type === 'code' && !byFault && !wasRead) return null;
  return { why: 'worker-process', runtime, code: status.type === 'code' ? status.code : null };
}
