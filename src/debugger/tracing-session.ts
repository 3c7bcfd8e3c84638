import { setTimeout as delay } from 'node:timers/promises';
import { hasSignal } from '../formats/procfs/process-status.ts';
import { parseSignalInfo, SI_TKILL } from '../formats/procfs/signal-info.ts';
import { pointersOf, type RegisterLayout } from '../formats/rsp/register-layout.ts';
import type { StopReply } from '../formats/rsp/stop-reply.ts';
import { formatThreadId } from '../formats/rsp/thread-id.ts';
import { isFirstInstruction, mayBeOfExec } from './exec-trap.ts';
import {
  isFatal,
  isPassable,
  isStopping,
  passSignalsRequest,
  programSignalsRequest,
  SIGSTOP,
  SIGTRAP,
} from './fatal-signals.ts';
import { FirstChance } from './first-chance.ts';
import { freeWorker } from './free-worker.ts';
import type { GdbserverProcess } from './gdbserver-process.ts';
import { HeldThreads } from './held-threads.ts';
import { holdLimit } from './hold-limit.ts';
import type { RspConnection } from './rsp-connection.ts';
import type {
  DebuggerSession,
  DetachReason,
  FatalCapture,
  OnFatal,
  SessionEnd,
  SessionEvent,
} from './session.ts';
import { StopDrain } from './stop-drain.ts';
import { StormGuard, type StormLimits } from './storm-guard.ts';
import { TargetReader } from './target-reader.ts';
import { isNamespaceInit, readStatus } from './traced-process.ts';

/** How often the debugger is checked: one that hangs would hold the worker at its next fatal signal. */
const PING_EVERY_MS = 5000;
/** An exec that was under way when gdbserver attached is over by then; only where there is no better evidence. */
const EXEC_LASTS_MS = 1000;

export type TracingOptions<C> = {
  pid: number;
  onFatal: OnFatal<C>;
  onEvent: (event: SessionEvent) => void;
  /** null: what `holdLimit` says at that moment. */
  holdLimitMs: number | null;
  answerLimitMs: number;
  stormLimits: StormLimits;
  /** It will attach to other processes later: it is ended only if it was lost or is in an unknown state. */
  keepsDebugger: boolean;
};

/**
 * One attached process, from `vAttach` to its end. Every reported stop is answered by a `vCont`, whatever happened
 * in between; if that is not possible gdbserver is killed, and the kernel frees the process.
 */
export class TracingSession<C> implements DebuggerSession<C> {
  readonly pid: number;
  readonly outcome: Promise<SessionEnd<C>>;
  readonly ended: Promise<SessionEnd<C>>;
  readonly #outcome = Promise.withResolvers<SessionEnd<C>>();
  readonly #end = Promise.withResolvers<SessionEnd<C>>();
  readonly #options: TracingOptions<C>;
  readonly #gdbserver: GdbserverProcess;
  readonly #connection: RspConnection;
  readonly #drain: StopDrain;
  readonly #reader: TargetReader;
  readonly #held: HeldThreads;
  readonly #storms: StormGuard;
  readonly #firstChance: FirstChance<C>;
  #layout: Promise<RegisterLayout> | null = null;
  #serving: Promise<void> | null = null;
  #quietTimer: NodeJS.Timeout | undefined;
  #pingTimer: NodeJS.Timeout | undefined;
  #leaving = false;
  #begunMs = 0;
  #isAttached = false;
  #isRefused = false;
  /** gdbserver missed an exec, and may wait for threads that have ended. */
  #isOutdated = false;
  #over = false;

  constructor(gdbserver: GdbserverProcess, connection: RspConnection, options: TracingOptions<C>) {
    this.pid = options.pid;
    this.outcome = this.#outcome.promise;
    this.ended = this.#end.promise;
    this.#options = options;
    this.#gdbserver = gdbserver;
    this.#connection = connection;
    this.#held = new HeldThreads(options.pid);
    this.#storms = new StormGuard(options.stormLimits);
    this.#reader = new TargetReader(connection, options.pid, options.answerLimitMs);
    this.#drain = new StopDrain(connection, options.pid, options.answerLimitMs, (reply) =>
      this.#onStop(reply),
    );
    this.#firstChance = new FirstChance<C>({
      pid: options.pid,
      limitMs: () => options.holdLimitMs ?? holdLimit(),
      onFatal: options.onFatal,
      reader: this.#reader,
      held: this.#held,
      layout: () => this.#loadLayout(),
      stopOthers: (count) => this.#stopOthers(count),
    });
    void connection.ended.then((error) => this.#lose(error?.message ?? 'gdbserver ended'));
  }

  /** gdbserver answered that it cannot attach; it may have ended since. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  get debuggerPid(): number {
    return this.#gdbserver.pid ?? -1;
  }

  captureFor(signal: number): FatalCapture<C> | null {
    return this.#firstChance.captureFor(signal);
  }

  notify(payload: string): void {
    this.#drain.notify(payload);
  }

  /**
   * Attaches. The request to continue is sent with it, so that the process is stopped only while gdbserver attaches to
   * its threads.
   * @throws CrashmonError BAD_RECORD where gdbserver refuses or does not answer; nothing is attached then
   */
  async begin(): Promise<void> {
    const limitMs = this.#options.answerLimitMs;
    this.#begunMs = performance.now();
    const attached = this.#connection.command(`vAttach;${this.pid.toString(16)}`, limitMs).then(
      () => {
        this.#isAttached = true;
      },
      (error) => {
        this.#isRefused = !this.#connection.isOver;
        throw error;
      },
    );
    const resumed = this.#connection.request(this.#held.release(), limitMs);
    // With nothing to continue gdbserver ends, and is not kept: that must be known before this fails.
    for (const answer of await Promise.allSettled([attached, resumed])) {
      if (answer.status === 'rejected') throw answer.reason;
    }
    this.#pingTimer = setInterval(() => {
      // Its failure ends the connection, and is handled there.
      this.#connection.request('vMustReplyEmpty', limitMs).catch(() => {});
    }, PING_EVERY_MS).unref();
    await this.#loadLayout().catch(() => {});
  }

  async detach(): Promise<void> {
    await this.#serving;
    await this.#leave('asked');
    await this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.detach();
  }

  #onStop(reply: StopReply): void {
    if (this.#over) return;
    if (reply.type === 'exited') void this.#finish({ type: 'exited', code: reply.code });
    if (reply.type === 'killed') {
      const capture = this.#firstChance.captureFor(reply.signal);
      void this.#finish({ type: 'killed', signal: reply.signal, capture });
    }
    // gdbserver delivers what is held while it detaches.
    if (reply.type !== 'stopped' || this.#leaving) return;
    if (reply.reason === 'exec') {
      // Only the thread that executes is left, under the id of the first, and the program may be another machine's.
      this.#held.clear();
      this.#layout = null;
      this.#options.onEvent({ type: 'exec' });
    }
    const signal = reply.reason === 'signal' ? (reply.signal ?? 0) : 0;
    this.#held.add(reply.thread.tid, signal);
    this.#serving ??= this.#serve();
  }

  async #serve(): Promise<void> {
    // Stops that were reported together are handled together.
    await Promise.resolve();
    try {
      while (this.#held.size > 0 && !this.#over) {
        try {
          await this.#dropOwnSignals();
          const stop = this.#held.find(isStopping);
          if (stop !== null && this.#wouldStop(stop.signal)) {
            await this.#leave('worker-stopped');
            return;
          }
          const fatal = this.#held.find(isFatal);
          const judged = fatal === null ? 'go-on' : await this.#judge(fatal.tid, fatal.signal);
          if (judged !== 'go-on') {
            await this.#leave(judged);
            return;
          }
        } finally {
          if (!this.#over) await this.#resume();
        }
      }
    } catch (error) {
      await this.#lose((error as Error).message);
    } finally {
      this.#serving = null;
    }
  }

  async #resume(): Promise<void> {
    await this.#dropOwnSignals();
    await this.#connection.command(this.#held.release(), this.#options.answerLimitMs);
  }

  /** Signals caused by tracing would stop the worker forever, or kill it, if they were delivered. */
  async #dropOwnSignals(): Promise<void> {
    const seen = new Set<number>();
    const mayBeOwn = (signal: number) => signal === SIGSTOP || signal === SIGTRAP;
    const next = () => this.#held.find((signal, tid) => mayBeOwn(signal) && !seen.has(tid));
    for (let stop = next(); stop !== null; stop = next()) {
      seen.add(stop.tid);
      const drop = stop.signal === SIGSTOP ? await this.#isOwnStop(stop.tid) : await this.#isOfExec(stop.tid);
      if (drop) this.#held.add(stop.tid, 0);
    }
  }

  /** gdbserver stops threads by SIGSTOP, and reports that as any SIGSTOP if another signal came first. */
  async #isOwnStop(tid: number): Promise<boolean> {
    const bytes = await this.#reader.signalInfo(tid).catch(() => null);
    const info = bytes && parseSignalInfo(bytes);
    const sender = info?.senderPid ?? null;
    // PTRACE_ATTACH's SIGSTOP has no sender; all others have one, 0 if it is of another PID namespace. gdbserver sends to threads.
    return sender === null || sender === this.#gdbserver.pid || (sender === 0 && info?.code === SI_TKILL);
  }

  /** Attached while it executes another program, a process is sent a SIGTRAP by the kernel. */
  async #isOfExec(tid: number): Promise<boolean> {
    const bytes = await this.#reader.signalInfo(tid).catch(() => null);
    const info = bytes && parseSignalInfo(bytes);
    if (info === null || !mayBeOfExec(this.pid, info)) return false;
    // Of the program before, whose description gdbserver may have had.
    this.#layout = null;
    const stackPointer = await this.#stackPointer(tid).catch(() => null);
    const isFirst = isFirstInstruction(this.pid, stackPointer);
    if (!(isFirst ?? performance.now() - this.#begunMs < EXEC_LASTS_MS)) return false;
    this.#isOutdated = true;
    this.#options.onEvent({ type: 'exec' });
    return true;
  }

  async #stackPointer(tid: number): Promise<bigint> {
    const [layout, answer] = await Promise.all([this.#loadLayout(), this.#reader.registers(tid)]);
    return pointersOf(layout.machine, layout.general(answer)).stackPointer;
  }

  /** A reason to detach: the worker is better off without a debugger. */
  async #judge(tid: number, signal: number): Promise<'signal-storm' | 'namespace-init' | 'go-on'> {
    const startMs = performance.now();
    const status = readStatus(this.pid, tid);
    // The kernel has already made it the default action where it is to kill (force_sig in kernel/signal.c).
    if (status === null || hasSignal(status.ignored, signal)) return 'go-on';
    const handled = hasSignal(status.caught, signal);
    const isInit = !handled && isNamespaceInit(this.pid);
    // The kernel drops it.
    if (isInit && (await this.#isSent(tid))) return 'go-on';
    const worth = this.#storms.stop(signal, { handled, passable: isPassable(signal) }, startMs);
    if (worth === 'leave') return 'signal-storm';
    if (worth === 'stop-asking') {
      await this.#updatePassed(signal);
      return 'go-on';
    }
    const outcome =
      worth === 'capture' ? await this.#firstChance.capture(tid, signal, handled, startMs) : 'passed-on';
    const holdMs = performance.now() - startMs;
    this.#options.onEvent({ type: 'first-chance', signal, tid, handled, outcome, holdMs });
    // While it is traced the kernel drops faults, too, and it would fault forever (`force_sig` and `get_signal` in
    // kernel/signal.c). Untraced it faults once more, and ends.
    return isInit ? 'namespace-init' : 'go-on';
  }

  async #isSent(tid: number): Promise<boolean> {
    const bytes = await this.#reader.signalInfo(tid).catch(() => null);
    return (bytes && parseSignalInfo(bytes))?.senderPid != null;
  }

  /** Asks all threads to stop; `count` of them are expected to report it. */
  async #stopOthers(count: number): Promise<void> {
    if (count === 0) return;
    this.#drain.expect(count);
    const all = formatThreadId({ pid: this.pid, tid: -1 });
    await this.#connection.command(`vCont;t:${all}`, this.#options.answerLimitMs);
  }

  #loadLayout(): Promise<RegisterLayout> {
    this.#layout ??= this.#readLayout();
    this.#layout.catch(() => {
      this.#layout = null;
    });
    return this.#layout;
  }

  async #readLayout(): Promise<RegisterLayout> {
    // gdbserver knows it once the first thread has stopped, which can be after it reported that it is attached.
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#reader.layout();
      } catch (error) {
        if (attempt >= 10 || this.#over) throw error;
        await delay(2);
      }
    }
  }

  /** Sets the signals that gdbserver reports, now and whenever the quiet time of one is over. */
  async #updatePassed(signal: number | null): Promise<void> {
    clearTimeout(this.#quietTimer);
    const now = performance.now();
    const { signals, untilMs } = this.#storms.storming(now);
    const forMs = untilMs === null ? 0 : Math.max(1, untilMs - now);
    if (untilMs !== null) {
      const listen = () => void this.#updatePassed(null).catch(() => {});
      this.#quietTimer = setTimeout(listen, forMs).unref();
    }
    await this.#connection.command(passSignalsRequest(signals), this.#options.answerLimitMs);
    if (signal !== null) this.#options.onEvent({ type: 'storm', signal, forMs });
  }

  #wouldStop(signal: number): boolean {
    const status = readStatus(this.pid);
    return status !== null && !hasSignal(status.caught | status.ignored, signal);
  }

  async #leave(reason: DetachReason): Promise<void> {
    if (this.#over || this.#leaving) return;
    this.#leaving = true;
    const capture = reason === 'namespace-init' ? this.#firstChance.lastCapture : null;
    if (this.#isOutdated) {
      await this.#finish({ type: 'detached', reason, capture });
      return;
    }
    try {
      if (reason === 'worker-stopped') {
        await this.#connection.command(
          programSignalsRequest({ stopping: true }),
          this.#options.answerLimitMs,
        );
      }
      await this.#connection.command(`D;${this.pid.toString(16)}`, this.#options.answerLimitMs);
      await this.#finish({ type: 'detached', reason, capture });
    } catch (error) {
      await this.#lose((error as Error).message);
    }
  }

  /** After `begin` failed. */
  async abandon(): Promise<void> {
    if (this.#isAttached || !this.#keepsDebugger) await this.#lose('not attached');
    else await this.#finish({ type: 'lost', message: 'not attached', capture: null });
    await this.ended;
  }

  get #keepsDebugger(): boolean {
    return this.#options.keepsDebugger && !this.#isOutdated && !this.#connection.isOver;
  }

  async #finish(end: SessionEnd<C>): Promise<void> {
    if (this.#over) return;
    this.#stop();
    this.#outcome.resolve(end);
    // Also after a detach: if the process executed another program just then, gdbserver has forgotten a SIGSTOP of its
    // own.
    const isLeft = end.type === 'detached' && end.reason !== 'worker-stopped';
    if (this.#keepsDebugger) {
      // Late reports about this process must not be taken for the next one's.
      await this.#drain.idle();
      if (isLeft) await freeWorker(this.pid);
    } else await this.#gdbserver.kill(isLeft ? this.pid : null);
    this.#end.resolve(end);
  }

  async #lose(message: string): Promise<void> {
    if (this.#over) return;
    this.#stop();
    const end: SessionEnd<C> = { type: 'lost', message, capture: this.#firstChance.lastCapture };
    this.#outcome.resolve(end);
    await this.#gdbserver.kill(this.pid);
    this.#end.resolve(end);
  }

  #stop(): void {
    this.#over = true;
    clearTimeout(this.#quietTimer);
    clearInterval(this.#pingTimer);
  }
}
