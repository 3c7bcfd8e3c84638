import type { ExitVerdict } from '../../model/exit.ts';
import type { Instant } from '../../model/instant.ts';
import type { EndedRun, Run } from '../../model/run.ts';
import { countInWindow } from '../../policy/monitor-state.ts';
import { withCrash } from '../../policy/policy-state.ts';
import type { MonitorParts } from '../monitor-parts.ts';
import { newRunId } from '../new-run-id.ts';
import type { StderrTail } from '../raw-run.ts';
import type { ChildEnd, WatchedChild } from './child-watch.ts';

/** The end of a child that is to be recorded. */
export type ChildDeath = {
  child: WatchedChild;
  end: ChildEnd;
  diedAt: Instant;
  verdict: ExitVerdict;
  stderr: StderrTail | null;
  silenceMs: number;
};

/** Records the death of a process below the main one: like any exit, except that nothing is to be restarted. */
export function settleChildExit(
  parts: MonitorParts,
  run: Run,
  death: ChildDeath,
  replacedAfterMs: number | null,
): void {
  const { options, memory, analyses, uplink, notify, clock, emit } = parts;
  const { child, end, diedAt, verdict } = death;
  const { process, startTicks, program } = child;
  const { windowMs } = options.policy;
  let { policy } = memory;
  if (verdict.counted) {
    const noCapture = { why: 'worker-process', runtime: program?.runtime ?? null, code: null } as const;
    policy = { ...withCrash(policy, options.policy, diedAt), noCapture };
  }
  const { connectionsCut } = end;
  const uptimeMs = Math.max(0, end.atMs - child.startedAtMs);
  const { wallMs, monotonicMs, bootId } = diedAt;
  const ended: EndedRun = {
    ...{ id: newRunId(), pid: process.pid, pidStartTicks: startTicks, armed: false },
    commandHash: run.commandHash,
    startedAt: { wallMs: wallMs - uptimeMs, monotonicMs: monotonicMs - uptimeMs, bootId },
    ...{ diedAt, status: end.status, verdict, captured: false, process, replacedAfterMs },
    impact: connectionsCut === null ? null : { connectionsCut, isExact: true, servedAfterMs: null },
    crashesInWindow: countInWindow(policy.crashes, windowMs, clock()),
  };
  memory.policy = policy;
  const outgoing = uplink?.childEnded(ended, policy);
  const news = notify?.childEnded(ended);
  memory.write((journal) => journal.recordExit(ended, policy, { outgoing, news }));
  const words =
    program === null ? null : { program, silenceMs: death.silenceMs, outOfMemory: false, shared: true };
  analyses.add(ended, { stderr: death.stderr, native: null, death: words });
  // No worker waits to be started.
  analyses.release();
  emit({
    event: 'child-ended',
    ...{
      runId: ended.id,
      process,
      status: end.status,
      verdict,
      uptimeMs,
      replacedAfterMs,
      impact: ended.impact,
    },
    ...{ crashesInWindow: ended.crashesInWindow, windowMs },
  });
}
