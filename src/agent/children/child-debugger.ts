import type { DebuggerSession, SessionEnd } from '../../debugger/session.ts';
import type { Tracer } from '../../debugger/tracer.ts';
import { signalName } from '../../formats/signals/signal-name.ts';
import type { ExitStatus } from '../../model/exit.ts';
import { findWorkingProcess } from '../../worker/main-process.ts';
import { readProcessStat } from '../../worker/process-info.ts';
import type { CapturedFault } from '../native/capture-fault.ts';
import type { DebuggerPool } from '../native/debugger-pool.ts';
import type { FaultCapture } from '../native/native-watch.ts';
import { type Found, WorkingProcess } from '../native/working-process.ts';

/** How a process ended that a debugger was attached to; `left`: it runs on, or its end is not known. */
export type DebuggedEnd =
  | { type: 'ended'; status: ExitStatus; atMs: number; fault: FaultCapture | null }
  | { type: 'left'; canReturn: boolean };

/** A debugger that is attached to a process below the main one. */
export type ChildDebugger = {
  /** Never rejects. */
  readonly ended: Promise<DebuggedEnd>;
  /** The process runs on. Settles when nothing is attached any more. */
  leave(): Promise<void>;
};

/** Why no debugger was attached; the process is not affected. `isShort`: another one may be free later. */
export type NoChildDebugger = { failed: string; isShort: boolean };

type DebugOptions = {
  pid: number;
  pool: DebuggerPool;
  /** Detaches another tracer, once all is ready. @returns false if the process has ended */
  vacate: () => Promise<boolean>;
  /** Called while the process is held at a fatal signal, once that is captured; do nothing asynchronous. */
  onHeld: () => void;
  wantsWhole: () => boolean;
};

/** Attaches a debugger of the pool. */
export async function debugChild(options: DebugOptions): Promise<ChildDebugger | NoChildDebugger> {
  const { pid, pool, onHeld, wantsWhole } = options;
  if (findWorkingProcess(pid) !== pid) return { failed: 'it starts another program', isShort: false };
  if (/^t$/i.test(readProcessStat(pid)?.state ?? '')) return { failed: 'it is stopped', isShort: true };
  const leaving = new AbortController();
  let reason = 'it has ended';
  const process = new WorkingProcess({
    leaving: leaving.signal,
    onEvent: ({ type }) => {
      if (type === 'exec') process.forget();
    },
    enter: (state) => {
      reason = state.reason ?? reason;
    },
    onHeld,
    wholeSlot: () => (wantsWhole() ? pool.kept : null),
  });
  if (process.isUnsuitable(pid)) return { failed: reason, isShort: false };
  const tracer = await pool.borrow();
  if (tracer === null) return { failed: pool.shortage ?? 'debuggers cannot be used now', isShort: true };
  process.tracer = tracer;
  const found = await attach(process, tracer, options).catch(() => null);
  if (found === null || 'failed' in found) {
    await pool.giveBack(process.tracer);
    return { failed: found?.message ?? reason, isShort: found?.failed === 'stopped' };
  }
  void pool.warmUp();
  const ended = endOf(found);
  const over = found.ended.then(() => pool.giveBack(process.tracer));
  return {
    ended,
    async leave() {
      leaving.abort();
      await over;
    },
  };
}

async function attach(
  process: WorkingProcess,
  tracer: Tracer,
  { pid, vacate }: DebugOptions,
): Promise<Found> {
  await tracer.ready();
  // It says why.
  if (tracer.isOver) return await tracer.attach({ pid, ...process.hooks() });
  return (await vacate()) ? await process.attach(pid) : null;
}

async function endOf(session: DebuggerSession<CapturedFault>): Promise<DebuggedEnd> {
  const end = await session.outcome;
  const atMs = Date.now();
  const status = statusOf(end);
  if (status !== null) return { type: 'ended', status, atMs, fault: 'capture' in end ? end.capture : null };
  // The exit watch can attach once the debugger is gone.
  await session.ended;
  return { type: 'left', canReturn: end.type === 'detached' && end.reason !== 'signal-storm' };
}

/** null if the debugger did not stay to the end. */
function statusOf(end: SessionEnd<CapturedFault>): ExitStatus | null {
  if (end.type === 'exited') return { type: 'code', code: end.code };
  const signal = end.type === 'killed' && end.signal !== null ? signalName(end.signal) : null;
  return signal === null ? null : { type: 'signal', signal };
}
