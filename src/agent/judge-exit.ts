import { rawDirectory } from '../journal/raw-capture.ts';
import { tryToWrite } from '../journal/try-to-write.ts';
import type { ExitEvidence, ExitStatus, ExitVerdict, SupervisorView } from '../model/exit.ts';
import type { HeldDump } from '../model/held-dump.ts';
import type { Instant } from '../model/instant.ts';
import type { PolicySettings, PolicyState } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import type { Runtime } from '../model/runtime.ts';
import { classifyExit, isCause } from '../policy/classify-exit.ts';
import { countInWindow, monitorState } from '../policy/monitor-state.ts';
import { noCaptureAfter } from '../policy/no-capture.ts';
import { withCapture, withCrash } from '../policy/policy-state.ts';
import type { DeathEvidence } from './last-words/death-evidence.ts';
import type { FaultCapture } from './native/native-watch.ts';
import { readRawRun, type StderrTail } from './raw-run.ts';
import { readSmallSource } from './read-small-source.ts';
import { candidateEvidence, nativeEvidence, stderrEvidence } from './run-evidence.ts';

/** What is known of an exit, besides what lies in its raw directory. */
export type SeenExit = {
  run: Run;
  status: ExitStatus;
  /** When crashmon learned of it. */
  diedAt: Instant;
  /** When it ended, as exactly as is known. */
  endedAtMs: number;
  stderr: StderrTail | null;
  asked: ExitEvidence['asked'];
  passedOn: readonly string[];
  oomKills: number | null;
  native: FaultCapture | null;
  /** In a session: its dump, where no fatal signal ended it. */
  heldDump?: HeldDump | null;
  /** Of the process that did the work, seen while it ran. */
  runtime: Runtime | null;
  /** What its last words are judged by; null if none are read. */
  death: DeathEvidence | null;
  /** As in `ExitEvidence`. */
  reported: Runtime | null;
  /** The runtime whose probe it was started with; null if it had none, or that is unknown. */
  probeOf: Runtime | null;
  /** No debugger is wanted, or none could be attached. */
  withoutDebugger: boolean;
  disabled: boolean;
  /** The probe kept the worker from starting. */
  harmed: boolean;
  /** What another supervisor, which started the worker, says of its exit; null if crashmon is the supervisor. */
  supervisor: SupervisorView | null;
};

type JudgingContext = {
  /** Where the run's evidence is; null if there is none. */
  directory: string | null;
  /** No capture can be kept. */
  withoutState: boolean;
  policy: PolicyState;
  settings: PolicySettings;
};

export type JudgedExit = {
  exit: { verdict: ExitVerdict; crashesInWindow: number; captured: boolean };
  policy: PolicyState;
  stderr: StderrTail | null;
};

/** Gathers the evidence of one exit, classifies it, and advances the policy. */
export function judgeExit(seen: SeenExit, context: JudgingContext): JudgedExit {
  const { directory, policy: before, settings } = context;
  const { status, run, diedAt, withoutDebugger, probeOf } = seen;
  const { armed } = run;
  if (seen.harmed) return withoutProbe(before, settings, diedAt, seen.stderr);
  const raw = armed && directory !== null ? readRawRun(rawDirectory(directory, run.id)) : null;
  const candidate = raw === null ? null : candidateEvidence(raw.candidates, seen.endedAtMs, readSmallSource);
  const stderr = stderrEvidence(seen.stderr === null ? null : recentText(seen.stderr));
  const claim = raw?.claim ?? null;
  const runtime = claim?.runtime ?? seen.runtime;
  const verdict = classifyExit(status, {
    asked: seen.asked,
    passedOn: seen.passedOn,
    oomKills: seen.oomKills,
    reported: seen.reported,
    ...stderr,
    candidate,
    native: nativeEvidence(seen.native?.value.fault ?? null),
    because: seen.supervisor?.because ?? null,
    runtime: runtime === null ? 'unknown' : runtime === 'node' ? 'node' : 'other',
  });
  if (seen.disabled)
    return { exit: { verdict, crashesInWindow: 0, captured: false }, policy: before, stderr: null };
  const code = status.type === 'code' ? status.code : 0;
  const recorded = candidate !== null && isCause(candidate, code, stderr.nodeTrailer);
  // An exhausted heap leaves no record, only statistics on standard error; an OOM kill what was read of the memory before.
  const isRemembered = verdict.kind === 'oom-kill' && raw?.memory != null;
  const something = recorded || stderr.v8OutOfMemory || seen.native !== null || isRemembered;
  // An operator who disarms the app manually while an armed worker runs wants no capture of it either.
  // In a session a debugger is attached to a worker that was started without the probe.
  const couldBe = (armed || seen.native !== null) && verdict.kind !== null && something;
  // A main process that was armed before one of its workers was captured still has the probe.
  const isQuiet = monitorState({ settings, state: before, disabled: false }, diedAt).state === 'cooling-down';
  const captured = couldBe && before.manual !== 'disarmed' && !isQuiet;
  let policy = verdict.counted ? withCrash(before, settings, diedAt) : before;
  // The stack of a masked crash is shown, and changes nothing else.
  if (captured && verdict.counted) policy = withCapture(policy, diedAt);
  // A full disk keeps the probe's record from being written; that says nothing about the command.
  const noRecord = raw !== null && !something && verdict.counted;
  const withoutState = context.withoutState || (noRecord && isFull(directory, run.id));
  const onlyWatched = seen.supervisor !== null;
  const probed = claim !== null || seen.supervisor?.isEndRead === true;
  const facts = {
    ...{ runtime, probeOf, probed, withoutDebugger, withoutState, onlyWatched },
    ...stderr,
  };
  const ended = { status, verdict, captured: couldBe, armed, ...facts };
  policy = { ...policy, noCapture: noCaptureAfter(ended, policy.noCapture) };
  const crashesInWindow = countInWindow(policy.crashes, settings.windowMs, diedAt);
  return { exit: { verdict, crashesInWindow, captured }, policy, stderr: seen.stderr };
}

/** What was printed long before the exit did not cause it. */
function recentText({ bytes, recentBytes = bytes.length }: StderrTail): string {
  return bytes.toString('utf8', Math.max(0, bytes.length - recentBytes));
}

/** The exit of a worker that the probe kept from starting is crashmon's fault and does not count. */
function withoutProbe(
  policy: PolicyState,
  settings: PolicySettings,
  now: Instant,
  stderr: StderrTail | null,
): JudgedExit {
  const reason = { code: 'probe-refused' } as const;
  const verdict = { counted: false, suspected: false, kind: null, reason };
  const crashesInWindow = countInWindow(policy.crashes, settings.windowMs, now);
  return { exit: { verdict, crashesInWindow, captured: false }, policy, stderr };
}

function isFull(directory: string | null, runId: string): boolean {
  if (directory === null) return true;
  try {
    tryToWrite(rawDirectory(directory, runId));
    return false;
  } catch {
    return true;
  }
}
