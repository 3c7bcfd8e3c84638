import { judgeEnd, type ProcessEnd } from './judge-end.ts';
import type { NextRestart } from './restart-account.ts';
import type { UnitSnapshot } from './unit-snapshot.ts';

/** A main process of a unit. */
export type UnitRun = { invocationId: string; pid: number; startedUs: number };

export type UnitEvent =
  | { event: 'started'; run: UnitRun }
  | ({ event: 'exited'; run: UnitRun; endedUs: number } & ReturnType<typeof judgeEnd>);

/** What is remembered of a unit from one snapshot to the next. */
export type UnitMemory = {
  run: UnitRun | null;
  /** The run has been reported as ended. */
  hasEnded: boolean;
  stopping: boolean;
  restarts: number;
  /** NRestarts while the run lived; null if it was not seen alive. */
  startedAs: number | null;
};

export const NEW_UNIT: UnitMemory = {
  ...{ run: null, hasEnded: false, stopping: false, restarts: 0, startedAs: null },
};

const CODES: Readonly<Record<number, ProcessEnd['code']>> = { 1: 'exited', 2: 'killed', 3: 'dumped' };
/** The main process belongs to the start before, and the invocation to this one. */
const BEFORE_MAIN = ['condition', 'start-pre'];

/**
 * What happened between two snapshots. systemd sends several of each state, and after Subscribe that of a process which
 * ended long ago. Pure.
 */
export function followUnit(
  before: UnitMemory,
  now: UnitSnapshot,
): { memory: UnitMemory; events: UnitEvent[]; isManual: boolean } {
  const events: UnitEvent[] = [];
  let { run, hasEnded, startedAs } = before;
  const isNew = now.execMainPid !== 0 && !isRun(run, now);
  if (isNew && now.invocationId !== '' && !BEFORE_MAIN.includes(now.subState)) {
    run = { invocationId: now.invocationId, pid: now.execMainPid, startedUs: now.execMainStartUs };
    hasEnded = false;
    startedAs = now.execMainExitUs === 0 ? now.restarts : null;
    if (now.mainPid === now.execMainPid) events.push({ event: 'started', run });
  }
  // A job stops a service whose result is still a success; otherwise systemd does, because of the result.
  const isStopping = now.subState.startsWith('stop') && now.result === 'success' && now.mainPid !== 0;
  const stopping = isStopping || (before.stopping && !isNew);
  const code = CODES[now.execMainCode];
  if (run !== null && !hasEnded && isRun(run, now) && now.execMainExitUs !== 0 && code !== undefined) {
    hasEnded = true;
    const end = { code, status: now.execMainStatus, result: now.result || null, stopping };
    events.push({ event: 'exited', run, endedUs: now.execMainExitUs, ...judgeEnd(end) });
  }
  const [earlier, later] = [before.startedAs, isNew ? startedAs : null];
  // Without a restart of systemd, which would have counted it.
  const isManual = earlier !== null && later !== null && later <= earlier;
  return { isManual, memory: { run, hasEnded, stopping, restarts: now.restarts, startedAs }, events };
}

function isRun(run: UnitRun | null, { execMainPid, execMainStartUs }: UnitSnapshot): boolean {
  return run !== null && run.pid === execMainPid && run.startedUs === execMainStartUs;
}

/** The restart after an exit. Of a run that was not seen alive, systemd can have counted the restart already, and can have refused it. */
export function nextRestart(
  startedAs: number | null,
  { subState, hasJob, restarts }: UnitSnapshot,
): NextRestart {
  if (startedAs !== null) return { number: startedAs + 1 };
  return { atLeast: subState === 'auto-restart' && !hasJob ? restarts + 1 : restarts };
}
