import type { CaptureMeans } from '../model/capture-means.ts';
import type { ExitStatus } from '../model/exit.ts';
import type { Instant } from '../model/instant.ts';
import type { NoCapture } from '../model/no-capture.ts';
import type { Runtime } from '../model/runtime.ts';
import { FAULT_SIGNALS, SIGNAL_BY_NUMBER } from './classify-signal.ts';
import { isOutOfReach, type MonitorStateInput, monitorState } from './monitor-state.ts';
import { isSessionOfMain } from './session-state.ts';

/** What is known of a service that another supervisor starts. */
export type ServiceHistory = {
  /** Exits that were reported and can turn out to be crashes. */
  unsettled: number;
  /** How the last run ended that can have crashed, settled or not; null if none is known. */
  last: CrashEnd | null;
  /** Of the process that runs, else of the one before; null if unknown. */
  runtime: Runtime | null;
  /** The exit watch learns how it ends, so no debugger can be attached. */
  isExitWatched: boolean;
};

type MeansHistory = Pick<ServiceHistory, 'last' | 'runtime'> & Partial<ServiceHistory>;

/** `signal`: by a fault or an abort, of which a debugger sees the cause. */
export type CrashEnd = 'signal' | 'exit';

/** How a process ended, if that can have been a crash; a stop, a kill and an end with 0 say nothing. */
export function crashEndOf(status: ExitStatus): CrashEnd | null {
  if (status.type === 'unknown') return null;
  if (status.type === 'signal') return FAULT_SIGNALS.has(status.signal) ? 'signal' : null;
  // A shell's code for the signal that ended its command.
  const viaShell = SIGNAL_BY_NUMBER.get(status.code - 128);
  if (viaShell !== undefined) return FAULT_SIGNALS.has(viaShell) ? 'signal' : null;
  return status.code === 0 ? null : 'exit';
}

/** What a capture of the next crash needs, if that is like the last one. */
export function captureMeans(history: MeansHistory): CaptureMeans {
  const { last, runtime } = history;
  if (isOfExitWatch(history)) return 'exit-watch';
  if (last === 'signal') return 'debugger';
  return runtime === null || runtime === 'node' ? 'exit-watch' : 'debugger';
}

/**
 * What is to be attached to the process that runs; null if nothing. Also while exits are unsettled that can turn out to be
 * crashes: the next start can be the last one that the supervisor grants. What kept an earlier process from being watched
 * can be over.
 */
export function wantedCapture(
  input: MonitorStateInput,
  history: ServiceHistory,
  now: Instant,
): CaptureMeans | null {
  const { state } = input;
  const { unsettled } = history;
  const noCapture = unsettled > 0 ? afterUnsettled(history, state.noCapture) : state.noCapture;
  const changed = { ...state, noCapture: isRetried(noCapture) ? null : noCapture };
  const isWanted = monitorState({ ...input, state: changed, unsettled }, now).state === 'armed';
  if (!isWanted) return null;
  return isSessionOfMain(state.session, now) ? sessionMeans(history) : captureMeans(history);
}

/** Is the memory of the process that runs to be followed? Also where nothing is attached: it is read from outside. */
export function wantsMemory(input: MonitorStateInput, now: Instant): boolean {
  const why = input.state.noCapture?.why;
  const isReadAnyway = why === 'oom-kill' || why === 'exit-watched';
  const state = isReadAnyway ? { ...input.state, noCapture: null } : input.state;
  return monitorState({ ...input, state }, now).state === 'armed';
}

/** Dumps come of fatal signals, unless exceptions are what ends the service, or are all that can be captured. */
export function sessionMeans(history: MeansHistory): CaptureMeans {
  return history.last === 'exit' || isOfExitWatch(history) ? captureMeans(history) : 'debugger';
}

/** Of another runtime nothing is captured then. */
function isOfExitWatch({ runtime, isExitWatched = false }: MeansHistory): boolean {
  return isExitWatched && (runtime === null || runtime === 'node');
}

/** As it will be, as far as that can be known. */
function afterUnsettled({ last, runtime }: ServiceHistory, before: NoCapture | null): NoCapture | null {
  if (last === 'signal') return null;
  const isExplained = last === 'exit' && runtime !== null && runtime !== 'node';
  return isExplained ? { why: 'only-watched', runtime, code: null } : before;
}

/** Only for a while, or as long as it is not known what runs. */
function isRetried(noCapture: NoCapture | null): boolean {
  return isOutOfReach(noCapture) || noCapture?.why === 'no-debugger';
}
