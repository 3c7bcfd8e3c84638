import { rawDirectory } from '../journal/raw-capture.ts';
import { tryToWrite } from '../journal/try-to-write.ts';
import type { ExitEvidence, ExitStatus, ExitVerdict } from '../model/exit.ts';
import type { FaultClassification } from '../model/fault.ts';
import type { Instant } from '../model/instant.ts';
import type { PolicySettings, PolicyState } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import type { Runtime } from '../model/runtime.ts';
import { classifyExit, tellsCause } from '../policy/classify-exit.ts';
import { countInWindow } from '../policy/monitor-state.ts';
import { noCaptureAfter } from '../policy/no-capture.ts';
import { withCapture, withCrash } from '../policy/policy-state.ts';
import { readSource } from '../symbols/read-source.ts';
import { readRawRun, type StderrTail } from './raw-run.ts';
import { candidateEvidence, nativeEvidence, stderrEvidence } from './run-evidence.ts';

export type ExitToJudge = {
  status: ExitStatus;
  run: Run;
  diedAtMs: number;
  directory: string | null;
  stderr: StderrTail | null;
  asked: ExitEvidence['asked'];
  passedOn: readonly string[];
  oomKills: number | null;
  /** What a debugger captured of the death. */
  native: { fault: FaultClassification } | null;
  /** Of the process that did the work, seen while it lived. */
  runtime: Runtime | null;
  /** No debugger is wanted, or none could be attached. */
  withoutDebugger: boolean;
  /** No directory in which a capture could be kept. */
  withoutState: boolean;
  disabled: boolean;
  policy: PolicyState;
  settings: PolicySettings;
  now: Instant;
};

export type JudgedExit = {
  exit: { verdict: ExitVerdict; crashesInWindow: number; captured: boolean };
  policy: PolicyState;
  stderr: StderrTail | null;
};

function isFull({ run, directory }: ExitToJudge): boolean {
  if (directory === null) return true;
  try {
    tryToWrite(rawDirectory(directory, run.id));
    return false;
  } catch {
    return true;
  }
}

/** The agent stays small. */
const MAX_SOURCE_BYTES = 1024 * 1024;
const readSmallSource = (path: string) => readSource(path, MAX_SOURCE_BYTES);

/** Gathers the evidence of one exit, classifies it and says what the policy makes of it. */
export function judgeExit(facts: ExitToJudge): JudgedExit {
  const { status, run, diedAtMs, directory, settings, now } = facts;
  const raw = run.armed && directory !== null ? readRawRun(rawDirectory(directory, run.id)) : null;
  const candidate = raw === null ? null : candidateEvidence(raw.candidates, diedAtMs, readSmallSource);
  const stderr = stderrEvidence(facts.stderr?.bytes.toString('utf8') ?? null);
  const probed = raw !== null && raw.claim !== null;
  const runtime = probed ? 'node' : facts.runtime;
  const verdict = classifyExit(status, {
    asked: facts.asked,
    passedOn: facts.passedOn,
    oomKills: facts.oomKills,
    ...stderr,
    candidate,
    native: nativeEvidence(facts.native?.fault ?? null),
    runtime: runtime === null ? 'unknown' : runtime === 'node' ? 'node' : 'other',
  });
  if (facts.disabled)
    return { exit: { verdict, crashesInWindow: 0, captured: false }, policy: facts.policy, stderr: null };
  const code = status.type === 'code' ? status.code : 0;
  const recorded = candidate !== null && tellsCause(candidate, code, stderr.nodeTrailer);
  // An exhausted heap leaves no record: the statistics on standard error are all there is to be had.
  const something = recorded || stderr.v8OutOfMemory || facts.native !== null;
  // Whoever disarms the app by hand while an armed worker runs wants no capture of it either.
  const couldBe = run.armed && verdict.kind !== null && something;
  const captured = couldBe && facts.policy.manual !== 'disarmed';
  let policy = verdict.counted ? withCrash(facts.policy, settings, now) : facts.policy;
  // A masked crash has its stack shown, and otherwise changes nothing.
  if (captured && verdict.counted) policy = withCapture(policy, now);
  const { armed } = run;
  const { withoutDebugger } = facts;
  // A full disk keeps the probe's record from being written; it says nothing about the command.
  const withoutState = facts.withoutState || (raw !== null && !something && verdict.counted && isFull(facts));
  const seen = { runtime, probed, withoutDebugger, withoutState, ...stderr };
  const ended = { status, verdict, captured: couldBe, armed, ...seen };
  policy = { ...policy, noCapture: noCaptureAfter(ended, policy.noCapture) };
  const crashesInWindow = countInWindow(policy.crashes, settings.windowMs, now);
  return { exit: { verdict, crashesInWindow, captured }, policy, stderr: facts.stderr };
}
