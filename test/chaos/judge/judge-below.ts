import type { StoredExit } from '../../../src/journal/run-rows.ts';
import type { AppPlan } from '../plan/apps.ts';
import { nameOf } from '../plan/ways.ts';
import type { BelowLife } from './below-lives.ts';
import { isCapture, type Span } from './judge-app.ts';
import type { KernelDeath } from './kernel-deaths.ts';
import type { WorkerLife } from './worker-lives.ts';

export type BelowEvidence = {
  plan: AppPlan;
  lives: readonly BelowLife[];
  masters: readonly WorkerLife[];
  kernel: readonly KernelDeath[];
  /** The journal's, also of the masters. */
  exits: readonly StoredExit[];
  /** Ends that crashmon says it knows nothing of but their number. */
  missed: number;
  /** When crashmon was asked to end, was killed, or could store nothing. */
  troubles: readonly Span[];
};

export type BelowResult = {
  deaths: number;
  recorded: number;
  /** Deaths of which it is certain that they are to be recorded. */
  certain: number;
  captured: number;
  missed: number;
};

/** A death is recorded when its master has started another, or once that took too long; on a busy machine later. */
const RECORDED_WITHIN_S = 15;
/** If its master ends within a second, that is the crash. */
const MASTER_WITHIN_S = 5;
/** So long gunicorn, asked to end, waits for workers that end; on a busy machine. */
const DISMISSED_S = 60;
/** What is done to a process takes effect a moment later. */
const LATE_S = 3;

/**
 * Compares what workers below the masters of an app, and the kernel, noted with what crashmon says. Each death is recorded at
 * most once. It is recorded if it was watched, the master ran on, and nothing happened to crashmon meanwhile, or it is one of
 * those that crashmon only counts.
 */
export function judgeBelow(evidence: BelowEvidence): BelowResult & { violations: string[] } {
  const { plan, lives, masters, missed, kernel, troubles } = evidence;
  const violations: string[] = [];
  const fail = (message: string) => violations.push(`${plan.name}: ${message}`);
  const exits = evidence.exits.filter(({ process }) => process.role === 'worker');
  const strays = new Set(exits);
  const lost: string[] = [];
  let certain = 0;
  for (const life of lives) {
    const { pid, startTicks, way, death, traced } = life;
    const own = exits.filter((exit) => exit.pid === pid && exit.pidStartTicks === startTicks);
    for (const exit of own) strays.delete(exit);
    // One whose master has ended can be watched as a main process.
    const times = evidence.exits.filter(
      (exit) => exit.pid === pid && exit.pidStartTicks === startTicks,
    ).length;
    if (times > 1) fail(`worker ${pid} was recorded ${times} times`);
    if (death === null) {
      fail(`worker ${pid} never ended`);
      continue;
    }
    const end = nameOf(death.ending);
    const isOwnEnd = way !== null && nameOf(way.ending) === end;
    const master = masters.findLast(
      (each) => each.pid === life.master && each.startedS <= life.startedS + LATE_S,
    );
    // One whose master had ended before it noted its start has another parent.
    const masterEndedS = master === undefined ? 0 : (master.death?.endedS ?? Number.POSITIVE_INFINITY);
    const isDismissed = ['exit 0', 'SIGTERM'].includes(end) && masterEndedS < death.endedS + DISMISSED_S;
    const isExpected = isOwnEnd || isDismissed || masterEndedS <= death.endedS + LATE_S;
    if (!isExpected && !troubles.some((each) => isNear(each, death)))
      fail(
        `worker ${pid} was to ${way === null ? 'run on' : `end by ${nameOf(way.ending)}`}, and ended by ${end}`,
      );
    const isSeen = isOwnEnd && traced && end !== 'exit 0' && masterEndedS > death.endedS + MASTER_WITHIN_S;
    const isCertain = isSeen && !troubles.some((each) => isNear(each, death));
    if (isCertain) certain += 1;
    const [exit] = own;
    if (exit !== undefined) judgeExit(exit, life, isOwnEnd, end, fail);
    else if (isCertain) lost.push(`${pid} (${end})`);
  }
  for (const exit of strays) {
    if (!kernel.some(({ pid }) => pid === exit.pid))
      fail(`crash ${exit.id}: there was no process ${exit.pid}`);
  }
  if (lost.length > missed) fail(`workers were not recorded, ${missed} were counted: ${lost.join(', ')}`);
  const deaths = lives.filter(({ death }) => death !== null).length;
  // Where the app is watched, that of its main processes is judged so, too.
  if (!plan.watched) judgeCooldown(evidence, fail);
  const captured = exits.filter(isCapture).length;
  return { violations, deaths, recorded: exits.length, certain, captured, missed };
}

function judgeExit(
  { id, status, verdict, startedAt }: StoredExit,
  { pid, way, startedS }: BelowLife,
  isOwnEnd: boolean,
  end: string,
  fail: (message: string) => void,
): void {
  const of = `worker ${pid}, crash ${id}`;
  const recorded = status.type === 'unknown' ? 'unknown' : nameOf(status);
  if (recorded !== end) fail(`${of}: recorded as ${recorded}, and ended by ${end}`);
  if (end === 'exit 0') fail(`${of}: a normal end was recorded`);
  if (isOwnEnd && way !== null && verdict.counted !== way.counted)
    fail(`${of}: ${way.language} ${way.name}: counted is ${verdict.counted} (${verdict.reason.code})`);
  const offS = startedAt.monotonicMs / 1_000 - startedS;
  if (Math.abs(offS) > LATE_S) fail(`${of}: recorded as started ${offS.toFixed(1)} s off`);
}

/** A capture of any process starts the cool-down of the whole instance. */
export function judgeCooldown(
  { plan, exits }: Pick<BelowEvidence, 'plan' | 'exits'>,
  fail: (message: string) => void,
): void {
  const captures = exits.filter(isCapture).toSorted((a, b) => a.diedAt.monotonicMs - b.diedAt.monotonicMs);
  for (const [index, { id, diedAt }] of captures.entries()) {
    const before = captures[index - 1];
    if (before === undefined) continue;
    const pauseMs = diedAt.monotonicMs - before.diedAt.monotonicMs;
    if (pauseMs < plan.cooldownMs) fail(`crashes ${before.id} and ${id} were captured, ${pauseMs} ms apart`);
  }
}

function isNear({ fromS, toS }: Span, { endedS }: { endedS: number }): boolean {
  return toS >= endedS - LATE_S && fromS <= endedS + RECORDED_WITHIN_S;
}
