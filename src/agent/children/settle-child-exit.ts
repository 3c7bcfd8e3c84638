import { ensureRaw } from '../../journal/raw-capture.ts';
import type { EndedRun, Run } from '../../model/run.ts';
import { isCause } from '../../policy/classify-exit.ts';
import { countInWindow, monitorState } from '../../policy/monitor-state.ts';
import { noCaptureOfChild } from '../../policy/no-capture-of-child.ts';
import { withCapture, withCrash } from '../../policy/policy-state.ts';
import { keepMemoryFacts } from '../memory-facts.ts';
import { newRunId } from '../new-run-id.ts';
import { keepRecords } from '../raw-run.ts';
import { stderrEvidence } from '../run-evidence.ts';
import type { SettleParts } from '../settle-exit.ts';
import { ageMsOf } from './find-children.ts';
import type { JudgedDeath } from './judge-death.ts';

/** Records the death of a process below the main one: like any exit, except that nothing is to be restarted. */
export function settleChildExit(
  parts: SettleParts & { /** Debuggers are wanted. */ canDebug: boolean },
  run: Run,
  death: JudgedDeath,
  replacedAfterMs: number | null,
): EndedRun {
  const { options, memory, analyses, uplink, notify, emit } = parts;
  const { child, end, diedAt, verdict } = death;
  const { process, startTicks, program } = child;
  const { windowMs, armAfter } = options.policy;
  const id = newRunId();
  const isArmed = stateOf(parts, diedAt).state === 'armed';
  const captured = isArmed && verdict.kind !== null && keepCapture(parts, id, death);
  let { policy } = memory;
  if (verdict.counted) {
    policy = withCrash(policy, options.policy, diedAt);
    if (captured) policy = withCapture(policy, diedAt);
    const wasRead = isArmed && end.reading?.isRead === true;
    const runtime = program?.runtime ?? null;
    const { canDebug } = parts;
    const facts = { status: end.status, verdict, captured, armed: isArmed, runtime, wasRead, canDebug };
    policy = { ...policy, noCapture: noCaptureOfChild(facts) };
  }
  if (isArmed && end.reading?.isRead === false) emit({ event: 'problem', message: TOO_SLOW });
  const { connectionsCut } = end;
  const uptimeMs = Math.round(ageMsOf(startTicks, death.diedAtUptimeMs));
  const { wallMs, monotonicMs, bootId } = diedAt;
  const ended: EndedRun = {
    ...{ id, pid: process.pid, pidStartTicks: startTicks, armed: isArmed && end.armedFor !== null },
    commandHash: run.commandHash,
    startedAt: { wallMs: wallMs - uptimeMs, monotonicMs: monotonicMs - uptimeMs, bootId },
    ...{ diedAt, status: end.status, verdict, captured, process, replacedAfterMs },
    impact: connectionsCut === null ? null : { connectionsCut, isExact: true, servedAfterMs: null },
    crashesInWindow: countInWindow(policy.crashes, windowMs, diedAt),
  };
  memory.policy = policy;
  const outgoing = uplink?.childEnded(ended, policy);
  const news = notify?.childEnded(ended);
  memory.write((journal) => journal.recordExit(ended, policy, { outgoing, news }));
  const { stderr } = death;
  const { silenceMs = 0, isShared: shared = true } = stderr ?? {};
  const words = program === null ? null : { program, silenceMs, outOfMemory: false, shared };
  const { fault: native, heldDump = null } = captured ? end : { fault: null };
  analyses.add(ended, { stderr, native, death: words, heldDump });
  // No worker waits to be started.
  analyses.release();
  const { state, cooldownUntilMs, noCapture } = stateOf(parts, diedAt);
  emit({
    ...{ event: 'child-ended', runId: id, process, status: end.status, verdict, uptimeMs, replacedAfterMs },
    ...{ impact: ended.impact, crashesInWindow: ended.crashesInWindow, windowMs, armAfter },
    ...{ captured, state, cooldownUntilMs, noCapture },
  });
  return ended;
}

const TOO_SLOW = 'The end of a worker could not be read in time; it is tried again at the next crash.';

/** @returns is there something that says why it ended? */
function keepCapture({ directory, emit }: SettleParts, id: string, death: JudgedDeath): boolean {
  const { end, candidate, stderr, verdict } = death;
  const evidence = stderrEvidence(stderr?.bytes.toString('utf8') ?? null);
  const record = end.reading?.record ?? null;
  const code = end.status.type === 'code' ? end.status.code : 0;
  const isCaptured = candidate !== null && isCause(candidate, code, evidence.nodeTrailer);
  // An exhausted heap leaves no record: the statistics on standard error are all there is.
  const memory = verdict.kind === 'oom-kill' || evidence.v8OutOfMemory ? death.memory : null;
  const isKnown = isCaptured || evidence.v8OutOfMemory || end.fault !== null || memory !== null;
  if (directory === null || !isKnown) return false;
  try {
    const raw = ensureRaw(directory, id);
    if (memory !== null) keepMemoryFacts(raw, memory);
    if (record !== null) keepRecords(raw, [record]);
    return true;
  } catch (error) {
    emit({ event: 'problem', message: `A capture could not be kept: ${(error as Error).message}.` });
    return false;
  }
}

function stateOf({ options, memory }: SettleParts, now: JudgedDeath['diedAt']) {
  memory.refreshManual();
  return monitorState({ settings: options.policy, state: memory.policy, disabled: false }, now);
}
