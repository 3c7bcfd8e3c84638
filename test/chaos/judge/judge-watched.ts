import type { StoredExit } from '../../../src/journal/run-rows.ts';
import type { AppPlan } from '../plan/apps.ts';
import { nameOf } from '../plan/ways.ts';
import type { Trace } from '../system/traces.ts';
import { type AppEvidence, type AppResult, judgePortal, type Span, STOPPED } from './judge-app.ts';
import { judgeCooldown } from './judge-below.ts';
import type { KernelDeath } from './kernel-deaths.ts';
import type { WorkerLife } from './worker-lives.ts';

export type WatchedEvidence = {
  plan: AppPlan;
  lives: readonly WorkerLife[];
  kernel: readonly KernelDeath[];
  /** The journals', also of workers below masters. */
  exits: readonly StoredExit[];
  /** The same of each instance: a process that is found before the end of the one before is known has a number (`web-1~2`). */
  instances: readonly (readonly StoredExit[])[];
  /** Ends that the agent says it knows nothing of but their number. */
  missed: number;
  portal: AppEvidence['portal'];
  /** Whether each process was traced when it was looked at last. */
  traces: readonly Trace[];
  /** Processes that were sent a signal. */
  signaled: ReadonlySet<number>;
  /** When a helper of the agent was killed. */
  helpers: readonly Span[];
  /** When the agent was asked to end, was killed, or could store nothing. */
  troubles: readonly Span[];
};

export type WatchedResult = Omit<AppResult, 'unrecorded'> & {
  /** Deaths of which it is certain that they are to be recorded. */
  certain: number;
  missed: number;
};

/** As its start was noted by itself, and by the kernel. */
const NOTED_LATE_S = 10;
/** Between the last look at a process and its end. */
const UNSEEN_S = 1;
/** What is done to a process takes effect a moment later; words are read before an exit is recorded. */
const [LATE_S, RECORDED_WITHIN_S] = [3, 8];
/** The agent can be stopped when a process ends. */
const UPTIME_TOLERANCE_S = 20;

/**
 * Compares what workers of an app that `crashmon agent` watches, and the kernel, noted with what the agent and the portal say.
 * Each death is recorded at most once. It is recorded if it was watched, and nothing happened to the agent meanwhile, or it is
 * one of those that the agent only counts.
 */
export function judgeWatched(evidence: WatchedEvidence): WatchedResult {
  const { plan, lives, kernel, missed, troubles } = evidence;
  const violations: string[] = [];
  const fail = (message: string) => violations.push(`${plan.name}: ${message}`);
  const exits = evidence.exits.filter(({ process }) => process.role === 'main');
  const strays = new Set(exits);
  const lost: string[] = [];
  let [certain, unknown] = [0, 0];
  for (const life of lives) {
    const { pid, death } = life;
    judgeHarm(life, evidence, fail);
    if (death === null) continue;
    const own = exits.filter((exit) => isOf(exit, life));
    for (const exit of own) strays.delete(exit);
    if (own.length > 1) fail(`process ${pid} was recorded ${own.length} times`);
    const isTraced = evidence.traces.some(
      (trace) => trace.pid === pid && trace.isTraced && Math.abs(death.endedS - trace.atS) < UNSEEN_S,
    );
    const isCertain = isTraced && !troubles.some((span) => isNear(span, death.endedS));
    if (isCertain) certain += 1;
    const [exit] = own;
    if (exit === undefined) {
      if (isCertain) lost.push(`${pid} (${nameOf(death.ending)})`);
      continue;
    }
    const isHelped = !evidence.helpers.some(
      ({ fromS, toS }) => toS >= life.startedS - LATE_S && fromS <= death.endedS + LATE_S,
    );
    if (exit.status.type === 'unknown') unknown += 1;
    judgeExit(exit, life, isCertain && isHelped, fail);
  }
  for (const { id, pid } of strays) {
    if (!kernel.some((death) => death.pid === pid)) fail(`crash ${id}: there was no process ${pid}`);
  }
  if (lost.length > missed) fail(`not recorded, ${missed} were counted: ${lost.join(', ')}`);
  judgePortal(evidence, fail);
  for (const ofInstance of evidence.instances) judgeCooldown({ plan, exits: ofInstance }, fail);
  const counted = exits.filter(({ verdict }) => verdict.counted);
  return {
    ...{ app: plan.name, violations, below: null, unknown, certain, missed },
    deaths: lives.filter(({ death }) => death !== null).length,
    ...{ recorded: exits.length, counted: counted.length },
    captured: counted.filter(({ captured }) => captured).length,
  };
}

type Fail = (message: string) => void;

/** A worker ends as it meant to, or by what was done to it; whatever happens to the agent. */
function judgeHarm(life: WorkerLife, { signaled, lives }: WatchedEvidence, fail: Fail): void {
  const { pid, way, death, calm } = life;
  if (death === null) {
    if (!calm || life !== lives.at(-1)) fail(`process ${pid} never ended`);
    return;
  }
  const end = nameOf(death.ending);
  if (way !== null && nameOf(way.ending) === end) return;
  if (signaled.has(pid) && STOPPED.includes(end)) return;
  const meant = way === null ? 'was to run on' : `was to end by ${nameOf(way.ending)}`;
  fail(`process ${pid} (${death.command}) ${meant}, and ended by ${end}`);
}

function judgeExit(
  { id, status, verdict, startedAt, diedAt }: StoredExit,
  { pid, way, death, startedS }: WorkerLife,
  isSeen: boolean,
  fail: Fail,
): void {
  const of = `process ${pid}, crash ${id}`;
  if (death === null) return;
  const end = nameOf(death.ending);
  if (status.type === 'unknown') {
    if (isSeen) fail(`${of}: its exit status is unknown, and it was watched`);
    return;
  }
  if (nameOf(status) !== end) fail(`${of}: recorded as ${nameOf(status)}, and ended by ${end}`);
  if (way !== null && nameOf(way.ending) === end && verdict.counted !== way.counted)
    fail(`${of}: ${way.language} ${way.name}: counted is ${verdict.counted} (${verdict.reason.code})`);
  const offS = (diedAt.monotonicMs - startedAt.monotonicMs) / 1_000 - death.tookS;
  if (Math.abs(offS) > UPTIME_TOLERANCE_S)
    fail(`${of}: recorded with an uptime that is ${offS.toFixed(1)} s off`);
  const startOffS = startedAt.monotonicMs / 1_000 - startedS;
  if (Math.abs(startOffS) > NOTED_LATE_S) fail(`${of}: recorded as started ${startOffS.toFixed(1)} s off`);
}

/** Can what happened at that time be why a death is not recorded? */
function isNear({ fromS, toS }: Span, endedS: number): boolean {
  return toS >= endedS - LATE_S && fromS <= endedS + RECORDED_WITHIN_S;
}

function isOf({ pid, pidStartTicks }: StoredExit, life: WorkerLife): boolean {
  return pid === life.pid && Math.abs((pidStartTicks ?? 0) / 100 - life.startedS) < NOTED_LATE_S;
}
