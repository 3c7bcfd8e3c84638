import type { StoredExit } from '../../../src/journal/run-rows.ts';
import { crashUid } from '../../../src/privacy/publish-crash.ts';
import type { AppPlan } from '../plan/apps.ts';
import { type Ending, nameOf } from '../plan/ways.ts';
import type { BelowResult } from './judge-below.ts';
import type { KernelDeath } from './kernel-deaths.ts';
import type { Death, WorkerLife } from './worker-lives.ts';

/** A time in which something was done to the app, in seconds since boot. */
export type Span = { fromS: number; toS: number };

/** `toS` and `ending` are null while it runs. */
export type CrashmonLife = { fromS: number; toS: number | null; ending: Ending | null };

export type AppEvidence = {
  plan: AppPlan;
  lives: readonly WorkerLife[];
  kernel: readonly KernelDeath[];
  /** The journal's, newest first. */
  exits: readonly StoredExit[];
  /** uids of the crashes that the portal has, and how many it counts. */
  portal: { uids: readonly string[]; counted: number };
  /** Each time that a crashmon ran. */
  crashmons: readonly CrashmonLife[];
  /** Processes of which a crashmon said that it had started them: from then on they are in the journal. */
  announced: ReadonlySet<number>;
  /** From when it was asked to end on to its end. */
  stops: readonly Span[];
  /** Workers that were sent a signal, not by crashmon. */
  signaled: ReadonlySet<number>;
  /** From when on to when nothing could be stored, and crashmon said so or was killed before it could. */
  unrecorded: readonly Span[];
};

export type AppResult = {
  app: string;
  violations: string[];
  /** Of the workers below its masters; null if it has no masters. */
  below: BelowResult | null;
  deaths: number;
  recorded: number;
  counted: number;
  captured: number;
  /** Deaths of which crashmon said that it could not see how they ended. */
  unknown: number;
  /** Deaths of which crashmon said that it could not record them, or was killed while the disk was full. */
  unrecorded: number;
};

/** A worker notes its start as soon as the shell runs that it is at first. */
const NOTED_LATE_S = 0.5;
/** What a stop ends by; a JVM and gunicorn exit at SIGTERM. */
export const STOPPED: readonly string[] = ['SIGTERM', 'SIGKILL', 'exit 143', 'exit 0'];
/** Between the start of a worker and its announcement, on a busy machine. */
const UNWRITTEN_S = 10;
/** What is done to a process takes effect a moment later. */
const LATE_S = 3;

/** Compares what workers and kernel noted of one app with what crashmon and the portal say. */
export function judgeApp(evidence: AppEvidence): AppResult {
  const violations: string[] = [];
  const { plan, lives } = evidence;
  const exits = evidence.exits.filter(({ process }) => process.role === 'main');
  const fail = (message: string) => violations.push(`${plan.name}: ${message}`);
  const rows = new Map(exits.map((exit) => [exit, null as WorkerLife | null]));
  const missing: WorkerLife[] = [];
  let unrecorded = 0;
  let unknown = 0;
  for (const life of lives) {
    judgeHarm(life, evidence, fail);
    if (life.death === null) continue;
    const own = exits.filter((exit) => isOf(exit, life));
    for (const exit of own) rows.set(exit, life);
    const [exit] = own;
    if (exit === undefined) missing.push(life);
    if (own.length > 1) fail(`process ${life.pid} was recorded ${own.length} times`);
    else if (exit !== undefined) {
      if (exit.status.type === 'unknown') unknown += 1;
      judgeExit(exit, life, life.death, evidence, fail);
    } else if (evidence.unrecorded.some((span) => touches(span, life)) || isUnwritten(life, evidence))
      unrecorded += 1;
    else fail(`process ${life.pid} (${nameOf(life.death.ending)}) was not recorded`);
  }
  for (const [exit, life] of rows) if (life === null) judgeStray(exit, missing, evidence, fail);
  for (const crashmon of evidence.crashmons) judgeCrashmon(crashmon, evidence, fail);
  judgePortal(evidence, fail);
  judgeCooldown({ ...evidence, exits }, fail);
  const counted = exits.filter(({ verdict }) => verdict.counted);
  return {
    ...{ app: plan.name, violations, below: null, unrecorded, unknown },
    deaths: lives.filter(({ death }) => death !== null).length,
    ...{ recorded: exits.length, counted: counted.length },
    captured: counted.filter(({ captured }) => captured).length,
  };
}

type Fail = (message: string) => void;

/** A worker ends as it meant to, or by what was done to it. */
function judgeHarm(life: WorkerLife, { plan, signaled, stops, lives }: AppEvidence, fail: Fail): void {
  const { pid, way, death } = life;
  if (death === null) {
    if (!life.calm || life !== lives.at(-1)) fail(`process ${pid} never ended`);
    return;
  }
  const { ending } = death;
  if (way !== null && isSame(way.ending, ending)) return;
  const isStopped = signaled.has(pid) || stops.some((stop) => during(stop, life));
  if (isStopped && isOneOf(ending, STOPPED)) return;
  // Memory can run out while nothing but the worker itself needs much.
  if (plan.limited && isOneOf(ending, ['SIGKILL'])) return;
  const meant = way === null ? 'was to run on' : `was to end by ${nameOf(way.ending)}`;
  fail(`process ${pid} (${death.command}) ${meant}, and ended by ${nameOf(ending)}`);
}

function judgeExit(
  exit: StoredExit,
  life: WorkerLife,
  death: Death,
  { crashmons, stops, unrecorded, plan, lives }: AppEvidence,
  fail: Fail,
): void {
  const of = `process ${life.pid}, crash ${exit.id}`;
  const { status, verdict } = exit;
  const { code } = verdict.reason;
  if (status.type === 'unknown') {
    // Only the newest worker has not been settled, which can have noted its start a moment later.
    const { startedS } = life;
    const wasKilled = killsOf(crashmons).some(({ toS }) =>
      startedS > toS ? startedS < toS + LATE_S : lives.findLast((one) => one.startedS <= toS) === life,
    );
    if (!wasKilled && !unrecorded.some((span) => during(span, life)))
      fail(`${of}: its exit status is unknown, and crashmon was not killed`);
    return;
  }
  if (!isSame(status, death.ending))
    fail(`${of}: recorded as ${nameOf(status)}, and ended by ${nameOf(death.ending)}`);
  if (code === 'stop-requested') {
    if (!stops.some((stop) => during(stop, life))) fail(`${of}: no stop was requested`);
    return;
  }
  if (life.way === null || !isSame(life.way.ending, death.ending)) return;
  // An OOM kill of another process of the same cgroup looks the same to the kernel's counter.
  if (plan.limited && isOneOf(death.ending, ['SIGKILL'])) return;
  if (verdict.counted !== life.way.counted)
    fail(`${of}: ${life.way.language} ${life.way.name}: counted is ${verdict.counted} (${code})`);
}

/** A worker that was killed before it could note its start is in the kernel's notes alone. @param missing have no exit */
function judgeStray(
  exit: StoredExit,
  missing: readonly WorkerLife[],
  { kernel }: AppEvidence,
  fail: Fail,
): void {
  const startedS = exit.startedAt.monotonicMs / 1_000;
  const known = kernel.find(({ pid, startedS: at }) => pid === exit.pid && Math.abs(at - startedS) < LATE_S);
  if (exit.pid === null) {
    // Crashmon was killed before it wrote down the process ID, and the probe in the worker left a record.
    const isOne = missing.some((life) => Math.abs(life.startedS - startedS) < 10 * LATE_S);
    if (exit.verdict.counted && !isOne) fail(`crash ${exit.id}: counted, of a worker that was never started`);
  } else if (known === undefined) fail(`crash ${exit.id}: there was no process ${exit.pid}`);
}

/** It ends as its worker did, or by a signal of the run. */
function judgeCrashmon({ toS, ending }: CrashmonLife, { lives, stops }: AppEvidence, fail: Fail): void {
  if (ending === null || toS === null || isOneOf(ending, ['SIGKILL'])) return;
  const isAsked = stops.some((stop) => stop.fromS <= toS && stop.toS >= toS - 10 * LATE_S);
  if (isAsked && isOneOf(ending, STOPPED)) return;
  const ended = lives.filter(({ death }) => death !== null && Math.abs(death.endedS - toS) < 10 * LATE_S);
  if (ended.some(({ death }) => death !== null && isSame(death.ending, ending))) return;
  fail(`crashmon ended by ${nameOf(ending)} at ${toS}, and no worker did`);
}

function killsOf(crashmons: readonly CrashmonLife[]): Span[] {
  return crashmons.flatMap(({ toS, ending }) =>
    toS !== null && ending !== null && isOneOf(ending, ['SIGKILL']) ? [{ fromS: toS, toS }] : [],
  );
}

export function judgePortal({ exits, portal }: Pick<AppEvidence, 'exits' | 'portal'>, fail: Fail): void {
  const counted = new Set(exits.filter(({ verdict }) => verdict.counted).map(crashUid));
  const arrived = new Set(portal.uids);
  for (const uid of counted) if (!arrived.has(uid)) fail(`crash ${uid} is not in the portal`);
  for (const uid of arrived) if (!counted.has(uid)) fail(`crash ${uid} is in the portal alone`);
  if (arrived.size !== portal.uids.length) fail('the portal has a crash twice');
  if (portal.counted !== arrived.size)
    fail(`the portal counts ${portal.counted} crashes, and has ${arrived.size}`);
}

/** The next captured worker started when the cool-down after a captured death was over. */
function judgeCooldown({ plan, exits, lives }: AppEvidence, fail: Fail): void {
  const captured = lives.filter((life) => exits.some((exit) => isCapture(exit) && isOf(exit, life)));
  for (const [index, life] of captured.entries()) {
    const before = captured[index - 1]?.death;
    if (before == null) continue;
    const pauseS = life.startedS - before.endedS;
    if (pauseS + NOTED_LATE_S < plan.cooldownMs / 1_000)
      fail(`processes ${before.pid} and ${life.pid} were captured, ${pauseS.toFixed(1)} s apart`);
  }
}

export function isCapture({ captured, verdict }: StoredExit): boolean {
  return captured && verdict.counted;
}

function isOf({ pid, startedAt }: StoredExit, life: WorkerLife): boolean {
  return pid === life.pid && Math.abs(startedAt.monotonicMs / 1_000 - life.startedS) < 10 * LATE_S;
}

function isSame(one: Ending, other: Ending): boolean {
  return nameOf(one) === nameOf(other);
}

function isOneOf(ending: Ending, names: readonly string[]): boolean {
  return names.includes(nameOf(ending));
}

/** Was it done while this worker ran, or a moment before its end was noticed? */
function during({ fromS, toS }: Span, { startedS, death }: WorkerLife): boolean {
  const endedS = (death?.endedS ?? Number.POSITIVE_INFINITY) + LATE_S;
  return toS >= startedS - LATE_S && fromS <= endedS;
}

/** A worker whose start could not be written down can also end after its crashmon did. */
function touches(span: Span, { startedS, death }: WorkerLife): boolean {
  const endedS = death?.endedS ?? Number.POSITIVE_INFINITY;
  return [startedS, endedS].some((atS) => atS + LATE_S >= span.fromS && atS - LATE_S <= span.toS);
}

/** Its crashmon was killed before it wrote down what it had just started, so the next one knows of no such process (docs/chaos.md). */
function isUnwritten({ pid, startedS }: WorkerLife, { crashmons, announced }: AppEvidence): boolean {
  return !announced.has(pid) && killsOf(crashmons).some(({ toS }) => Math.abs(toS - startedS) <= UNWRITTEN_S);
}
