import { type AttachFailure, attachFailure } from './attach-failure.ts';
import { passSignalsRequest, programSignalsRequest } from './fatal-signals.ts';
import { type GdbserverProcess, startGdbserver } from './gdbserver-process.ts';
import { ptraceScope } from './ptrace-scope.ts';
import { RspConnection } from './rsp-connection.ts';
import type { DebuggerSession, OnFatal, SessionEvent } from './session.ts';
import { STORM_LIMITS, type StormLimits } from './storm-guard.ts';
import { readStatus } from './traced-process.ts';
import { TracingSession } from './tracing-session.ts';

export type AttachOptions<C> = {
  pid: number;
  onFatal: OnFatal<C>;
  onEvent?: (event: SessionEvent) => void;
  /** Looked up on PATH unless absolute. */
  gdbserverPath?: string;
  /** Aborting it detaches. */
  signal?: AbortSignal;
  /** How long the worker may be held at a fatal signal, 250 ms unless told. */
  holdLimitMs?: number;
  /** How long gdbserver may take to answer before it is given up. */
  answerLimitMs?: number;
  stormLimits?: StormLimits;
  /** How often to look whether crashmon is stopped, which would hold a worker that crashes; 5 seconds unless told. */
  watchEverySeconds?: number;
};

const WATCH_EVERY_SECONDS = 5;

/**
 * Without `xmlRegisters`, answers to `g` leave AVX registers out and are a quarter as long.
 * `multiprocess` gives threads their process, `exec-events` keeps an exec from looking like a SIGTRAP.
 */
const FEATURES = 'qSupported:multiprocess+;exec-events+;vContSupported+';

/**
 * Attaches a debugger to a running process, all threads of it, and lets it run on: it stands still for about a
 * millisecond. Children that it starts are not attached.
 *
 * The worker's signals reach it as ever; at a fatal one it is held, `onFatal` may read it, and the signal is passed on.
 */
export async function attachDebugger<C>(
  options: AttachOptions<C>,
): Promise<DebuggerSession<C> | AttachFailure> {
  const before = obstacle(options.pid, options.signal);
  if (before !== null) return before;
  return await attachBy(startGdbserver(options.gdbserverPath ?? 'gdbserver'), options);
}

/** Attaches by a gdbserver that has been started and is ended with the session or the failure. */
export async function attachBy<C>(
  gdbserver: GdbserverProcess,
  options: AttachOptions<C>,
): Promise<DebuggerSession<C> | AttachFailure> {
  const { pid, signal, answerLimitMs = 2000, watchEverySeconds = WATCH_EVERY_SECONDS } = options;
  let session: TracingSession<C> | null = null;
  const connection = new RspConnection(gdbserver.output, gdbserver.input, (payload) =>
    session?.notify(payload),
  );
  try {
    await prepare(connection, answerLimitMs);
  } catch {
    await gdbserver.kill(null);
    return (await gdbserver.exited) === 127
      ? attachFailure('no-gdbserver', 'gdbserver is not installed (Debian package gdbserver)')
      : attachFailure('protocol', 'gdbserver does not answer as expected');
  }

  // Starting gdbserver took a while.
  const meanwhile = obstacle(pid, signal);
  if (meanwhile !== null) {
    await gdbserver.kill(null);
    return meanwhile;
  }
  // Not before: killed while it starts, gdbserver leaves a child of its own behind, by which it tries out ptrace(2).
  gdbserver.watch(pid, watchEverySeconds);
  session = new TracingSession<C>(gdbserver, connection, {
    pid,
    onFatal: options.onFatal,
    onEvent: options.onEvent ?? (() => {}),
    holdLimitMs: options.holdLimitMs ?? 250,
    answerLimitMs,
    stormLimits: options.stormLimits ?? STORM_LIMITS,
  });
  const attached = session;
  try {
    await attached.begin();
  } catch {
    const unanswered = connection.isOver ? attachFailure('protocol', 'gdbserver did not answer') : null;
    const failure = obstacle(pid, signal, gdbserver.pid) ?? unanswered ?? notPermitted();
    await attached.abandon();
    return failure;
  }
  const leave = () => void attached.detach();
  signal?.addEventListener('abort', leave, { once: true });
  void attached.ended.then(() => signal?.removeEventListener('abort', leave));
  if (signal?.aborted) leave();
  return attached;
}

async function prepare(connection: RspConnection, limitMs: number): Promise<void> {
  await connection.request(FEATURES, limitMs);
  await connection.startNoAckMode(limitMs);
  await Promise.all([
    connection.command('QNonStop:1', limitMs),
    connection.command(passSignalsRequest(new Set()), limitMs),
    connection.command(programSignalsRequest({ stopping: false }), limitMs),
  ]);
}

/** What speaks against attaching to this process now. */
function obstacle(pid: number, signal: AbortSignal | undefined, ours?: number | null): AttachFailure | null {
  if (signal?.aborted) return attachFailure('aborted', 'attaching was called off');
  const status = readStatus(pid);
  if (status === null || status.state === 'Z' || status.state === 'X') {
    return attachFailure('gone', `process ${pid} has ended`);
  }
  if (status.tracerPid !== 0 && status.tracerPid !== ours) {
    return attachFailure('already-traced', `process ${pid} is traced by process ${status.tracerPid}`);
  }
  if (status.state === 'T') {
    return attachFailure('stopped', `process ${pid} is stopped; attaching would wake it`);
  }
  return null;
}

function notPermitted(): AttachFailure {
  const value = ptraceScope();
  const scope = value === 0 ? '' : ` (kernel.yama.ptrace_scope is ${value})`;
  return attachFailure('not-permitted', `the kernel does not permit tracing the worker${scope}`);
}
