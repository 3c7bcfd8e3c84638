import type { ExitStatus, ExitVerdict } from '../model/exit.ts';
import type { NoCapture, NoCaptureReason } from '../model/no-capture.ts';
import type { Runtime } from '../model/runtime.ts';
import { isOutOfReach, isUntraced } from './monitor-state.ts';
import { hasProbe } from './worker-preparation.ts';

/** What is known of a worker that has ended, as far as it decides whether a capture of the same can come. */
export type EndedWorker = {
  status: ExitStatus;
  verdict: ExitVerdict;
  captured: boolean;
  armed: boolean;
  /** Of the process that did the work, seen while it lived. */
  runtime: Runtime | null;
  /** The runtime whose probe it was started with; null if it had none, or that is unknown. */
  probeOf: Runtime | null;
  /** The probe was loaded, or the exit watch read its end. */
  probed: boolean;
  /** No debugger is wanted, or none could be attached. */
  withoutDebugger: boolean;
  /** No directory in which a capture could be kept. */
  withoutState: boolean;
  /** Another supervisor started it: exceptions and exits of Node.js are captured, and fatal signals. */
  onlyWatched: boolean;
  /** Standard error ends with Node's report of an exception. */
  nodeTrailer: boolean;
};

/** Learned from an armed run; an unarmed one that ends with the same code proves nothing new. */
const LEARNED: readonly NoCaptureReason[] = ['other-process', 'no-record', 'no-probe'];
/** What keeps only the exit watch from a process; `only-watched` is not about signals. */
const OF_EXIT_WATCH: readonly NoCaptureReason[] = ['no-exit-watch', 'unreadable', 'only-watched'];

/**
 * Why arming the next worker would not capture a crash like this one; null if it would.
 * @param before the result for the previous crash
 */
export function noCaptureAfter(ended: EndedWorker, before: NoCapture | null): NoCapture | null {
  const { status, verdict, captured, armed, runtime, probed, nodeTrailer } = ended;
  if (!verdict.counted) return before;
  if (captured) return null;
  if (ended.onlyWatched && isSignal(ended)) return afterSignalOfService(ended, before);
  if (ended.onlyWatched && runtime !== 'node') return { why: 'only-watched', runtime, code: null };
  // Before all that an override of the operator outranks.
  if (ended.onlyWatched && isOutOfReach(before) && before?.why !== 'only-watched') return before;
  if (ended.withoutState) return because('no-state');
  // Holds until crashmon or the command changes.
  if (before?.why === 'cannot-arm') return before;
  // Of an armed worker its memory is read before; this one was too fast for that.
  if (verdict.kind === 'oom-kill') return armed ? because('oom-kill') : null;
  if (verdict.kind === 'out-of-memory') return null;
  if (isSignal(ended)) return afterSignal(ended);
  if (status.type !== 'code') return before;
  const { code } = status;
  const why = (reason: NoCaptureReason): NoCapture => ({ why: reason, runtime, code });
  if (code === 126 || code === 127) return why('not-started');
  if (runtime === 'node' && code === 13) return why('top-level-await');
  if (runtime === 'node' && code === 9 && !probed) return why('bad-option');
  if (runtime !== null && !hasProbe(runtime)) return why('runtime');
  // The next one is started with the probe of what runs.
  if (armed && !probed && isOtherProbe(ended.probeOf, runtime)) return null;
  // A debugger was attached to the service; for an exit like this it is the exit watch.
  const isUnread = ended.onlyWatched && !probed;
  if (armed && !isUnread) return why(!probed ? 'no-probe' : nodeTrailer ? 'other-process' : 'no-record');
  return before !== null && LEARNED.includes(before.why) && before.code === code ? before : null;
}

/** The same of an armed worker that still runs: whatever happens to it, nothing can be captured. */
export function noCaptureOfRunning(
  runtime: Runtime | null,
  probeOf: Runtime | null,
  withoutDebugger: boolean,
): NoCapture | null {
  if (runtime === null || !withoutDebugger) return null;
  if (!hasProbe(runtime)) return { why: 'runtime', runtime, code: null };
  return isOtherProbe(probeOf, runtime) ? { why: 'no-probe', runtime, code: null } : null;
}

function isOtherProbe(probeOf: Runtime | null, runtime: Runtime | null): boolean {
  return probeOf !== null && runtime !== null && probeOf !== runtime;
}

/** A debugger is attached to the next process, unless it is known that this is not possible. */
function afterSignalOfService(
  { runtime, verdict, withoutState }: EndedWorker,
  before: NoCapture | null,
): NoCapture | null {
  if (withoutState) return because('no-state');
  if (verdict.kind === 'oom-kill') return because('oom-kill');
  if (isUntraced(runtime)) return { why: 'only-watched', runtime, code: null };
  const isKnown = before !== null && (isOutOfReach(before) || before.why === 'no-debugger');
  return isKnown && !OF_EXIT_WATCH.includes(before.why) ? before : null;
}

function afterSignal({ runtime, withoutDebugger, armed }: EndedWorker): NoCapture | null {
  if (isUntraced(runtime)) return { why: 'untraced', runtime, code: null };
  return armed && withoutDebugger ? { why: 'no-debugger', runtime, code: null } : null;
}

/** The process, or a wrapper's main process, was ended by a signal. */
function isSignal({ status, verdict }: EndedWorker): boolean {
  if (status.type === 'signal') return true;
  const byFault = verdict.kind === 'fault' || verdict.kind === 'abort';
  return byFault && status.type === 'code';
}

function because(why: NoCaptureReason): NoCapture {
  return { why, runtime: null, code: null };
}
