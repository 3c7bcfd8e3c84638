import { rawDirectory } from '../journal/raw-capture.ts';
import type { ObservedProgram } from '../model/observed-program.ts';
import type { Run } from '../model/run.ts';
import { changedAtMs } from '../symbols/script-files.ts';
import { adoptWorker } from '../worker/adopt.ts';
import { delay } from '../worker/delay.ts';
import { programOfCommand } from '../worker/observe-program.ts';
import type { Worker } from '../worker/worker.ts';
import { deathEvidence } from './last-words/death-evidence.ts';
import { reportedAtEnd } from './last-words/reported-end.ts';
import type { MonitorParts } from './monitor-parts.ts';
import { readRawRun } from './raw-run.ts';
import { keepHeap, sweepInMemory } from './run-in-memory.ts';
import { RunRest } from './run-rest.ts';
import { settleExit, UNSEEN_EXIT } from './settle-exit.ts';
import { sweepRaw } from './sweep-raw.ts';
import { findWorkerOf } from './worker-of-run.ts';

/** A worker that an earlier crashmon started and that still runs. */
export type Orphan = { run: Run; worker: Worker };

/**
 * Cleans up after a crashmon that was killed. A worker that still runs is taken over if it runs the same command, else
 * stopped with the rest of its run. An exit that was missed is recorded, once. Captures that were not analyzed are, and
 * nothing raw remains.
 */
export async function recover(parts: MonitorParts, commandHash: string): Promise<Orphan | null> {
  const { memory, directory } = parts;
  const open = memory.read((journal) => journal.openRuns()) ?? [];
  const { bootId } = parts.clock();
  let orphan: Orphan | null = null;
  for (const [index, run] of open.entries()) {
    const worker = findWorker(run, bootId);
    const newest = index === open.length - 1;
    if (worker !== null && newest && run.commandHash === commandHash) {
      orphan = { run: { ...run, pid: worker.pid, pidStartTicks: worker.startTicks }, worker };
      continue;
    }
    await endRun(parts, run, worker);
    await recordMissedExit(parts, run, { newest, commandHash, replaced: worker !== null });
  }
  const living = orphan?.run.id ?? null;
  if (directory !== null) {
    sweepRaw({ ...parts, directory }, (id) => id === living);
    sweepInMemory(directory, parts.options.uid, (id) => id === living);
  }
  return orphan;
}

function findWorker(run: Run, bootId: string): Worker | null {
  const found = findWorkerOf(run, bootId);
  return found === null ? null : adoptWorker(found.pid, found.startTicks);
}

/** Also where the worker has ended: what it left would be in the way of the next one. */
async function endRun(parts: MonitorParts, run: Run, worker: Worker | null): Promise<void> {
  const { stopTimeoutMs } = parts.options;
  const rest = RunRest.of(run.id, worker ?? { pid: 0, startTicks: run.pidStartTicks ?? 0 }, parts, {
    isFresh: false,
  });
  if (worker !== null) await stopWorker(rest.noting(worker), stopTimeoutMs);
  await rest.end({ cameFromTerminal: false, remainingMs: stopTimeoutMs });
}

async function stopWorker(worker: Worker, timeoutMs: number): Promise<void> {
  worker.signal('SIGTERM');
  const deadline = new AbortController();
  const timeout = delay(timeoutMs, deadline.signal).then((over) => {
    if (over) worker.signal('SIGKILL');
  });
  await worker.exited;
  deadline.abort();
  await timeout;
}

async function recordMissedExit(
  parts: MonitorParts,
  run: Run,
  { newest, commandHash, replaced }: { newest: boolean; commandHash: string; replaced: boolean },
): Promise<void> {
  const { directory, stderr, clock } = parts;
  if (directory !== null) keepHeap({ directory, runId: run.id, uid: parts.options.uid });
  // The file holds the end of the newest run only.
  const tail = newest ? (stderr?.tail() ?? null) : null;
  const program = run.commandHash === commandHash && !replaced ? programOfRun(parts, run) : null;
  const reported = await reportedAtEnd({ tail, program, silenceMs: null });
  const now = clock();
  // The newest record is as close to the exit as is known.
  const records =
    run.armed && directory !== null ? readRawRun(rawDirectory(directory, run.id)).candidates : [];
  const endedAtMs = Math.max(
    run.startedAt.wallMs,
    ...records.map((record) => Math.min(record.atMs, now.wallMs)),
  );
  settleExit(parts, {
    ...UNSEEN_EXIT,
    run,
    diedAt: now,
    endedAtMs,
    stderr: tail,
    runtime: program?.runtime ?? null,
    death: program === null ? null : deathEvidence(program, { type: 'unknown' }, null),
    reported,
    asked: replaced ? { what: 'restart', signal: 'SIGTERM' } : null,
  });
}

/** What its command names. It was not seen, so what was changed since it started vouches for nothing. */
function programOfRun({ options }: MonitorParts, { startedAt }: Run): ObservedProgram | null {
  const { command, cwd, env } = options;
  const program = programOfCommand(command, { cwd, path: env.PATH, startedAtMs: startedAt.wallMs });
  if (program === null) return null;
  const isOlder = (changedAtMs(program.executable) ?? Number.POSITIVE_INFINITY) <= startedAt.wallMs;
  return { ...program, executableId: isOlder ? program.executableId : null };
}
