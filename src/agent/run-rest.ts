import { signalProcess } from '../worker/adopt.ts';
import { endMembers } from '../worker/end-members.ts';
import { findMainProcess } from '../worker/main-process.ts';
import { readProcessStat } from '../worker/process-info.ts';
import { type Member, RunMembers } from '../worker/run-members.ts';
import type { Worker } from '../worker/worker.ts';
import type { MonitorParts } from './monitor-parts.ts';
import type { StopControl } from './stop-control.ts';

/** A wrapper that also got the terminal's signal can wait for what it started; for so long no signal is sent. */
const TERMINAL_PATIENCE_MS = 2_000;

/**
 * What a terminal would also send SIGINT to: wrappers such as npm and bash rely on that, and wait. PM2 stops with
 * SIGINT. null if nothing is below, or in another process group, as below wrappers that pass the signal on.
 */
function serverBelow(worker: number): Member | null {
  const pid = findMainProcess(worker);
  const stat = pid === worker ? null : readProcessStat(pid);
  return stat?.processGroup === readProcessStat(worker)?.processGroup ? stat : null;
}

/**
 * The other processes of a run, and how they are ended (`--kill-mode`). The stop signal goes to the worker alone,
 * which may pass it on: sent to all at once, it would arrive twice below npm and the like, and many servers take the
 * second for "at once". What still runs once the worker has ended gets SIGTERM, then SIGKILL.
 */
export class RunRest {
  readonly #parts: Pick<MonitorParts, 'emit'>;
  readonly #members: RunMembers | null;

  private constructor(members: RunMembers | null, parts: Pick<MonitorParts, 'emit'>) {
    this.#members = members;
    this.#parts = parts;
  }

  static of(
    runId: string,
    worker: Pick<Worker, 'pid' | 'startTicks'>,
    parts: Pick<MonitorParts, 'emit' | 'options'>,
    { isFresh }: { isFresh: boolean },
  ): RunRest {
    const { pid, startTicks } = worker;
    const wanted = parts.options.killMode === 'control-group';
    return new RunRest(wanted ? new RunMembers(runId, { pid, startTicks }, isFresh).watch() : null, parts);
  }

  /** The same worker; its descendants are noted before a signal can end it. */
  noting(worker: Worker): Worker {
    const members = this.#members;
    if (members === null) return worker;
    return {
      ...worker,
      signal(name) {
        members.note();
        members.expectMore();
        const server = name === 'SIGINT' ? serverBelow(worker.pid) : null;
        worker.signal(name);
        if (server !== null) signalProcess(server.pid, server.startTicks, name);
      },
    };
  }

  /** The other processes run on. */
  async leave(): Promise<void> {
    this.#members?.[Symbol.dispose]();
  }

  /** Ends what is left after the worker's exit. Settles when that is done. */
  async end(stop: Pick<StopControl, 'cameFromTerminal' | 'remainingMs'>): Promise<void> {
    if (this.#members === null) return;
    this.#members[Symbol.dispose]();
    await endMembers(this.#members, {
      patienceMs: stop.cameFromTerminal ? TERMINAL_PATIENCE_MS : 0,
      timeoutMs: stop.remainingMs,
      onSignal: (signal, members) =>
        this.#parts.emit({ event: 'ending-rest', signal, pids: members.map(({ pid }) => pid) }),
    });
  }
}
