import { constants } from 'node:os';
import { startTracer } from '../../debugger/attach-debugger.ts';
import type { AttachFailure } from '../../debugger/attach-failure.ts';
import type { KeptSlot } from '../../debugger/kept-memory.ts';
import { launchUnderDebugger } from '../../debugger/launch-under-debugger.ts';
import { onlyAncestorsCanTrace } from '../../debugger/ptrace-scope.ts';
import type { DebuggerSession, FatalCapture, SessionEnd, SessionEvent } from '../../debugger/session.ts';
import type { Tracer } from '../../debugger/tracer.ts';
import { hasEnded } from '../../formats/procfs/process-stat.ts';
import type { DebuggerState } from '../../journal/documents.ts';
import type { ExitStatus } from '../../model/exit.ts';
import { delay } from '../../worker/delay.ts';
import { withFront } from '../../worker/front.ts';
import { descriptorsToPass } from '../../worker/inherited.ts';
import type { LaunchOptions } from '../../worker/launch.ts';
import { findWorkingProcess, isWrapper } from '../../worker/main-process.ts';
import { isAlive, readProcessStat } from '../../worker/process-info.ts';
import { RUN_MARKER } from '../../worker/run-marker.ts';
import type { Worker } from '../../worker/worker.ts';
import type { CapturedFault } from './capture-fault.ts';
import { launchedWorker } from './launched-worker.ts';
import { type Found, WorkingProcess } from './working-process.ts';

/** A fatal signal that was captured. */
export type FaultCapture = FatalCapture<CapturedFault>;

type WatchedProcess = Pick<Worker, 'pid' | 'startTicks'>;

/** A wrapper ends soon after what it started; later the two are unrelated. */
const BELONGS_TO_WRAPPER_MS = 10_000;
/** For a process whose exit status is not known; a restart waits no longer for it. */
const FINAL_CAPTURE_MS = 100;
/** A wrapper takes a while to start the real worker, and a process that is stopped or traced may be free soon. */
const RETRY_MS = [20, 50, 100, 250, 500, 1000];
/** The worker may have felt each failure of the debugger itself. */
const MAX_LOST = 3;
/** A process that is just executing a program is refused, too. */
const MAX_REFUSED = 3;
/** A wrapper that executes what it starts (sh, env) does so within moments. */
const CHECK_AFTER_EXEC_MS = 50;

/**
 * Keeps a debugger attached to the main process of one armed worker until the worker ends or it is stopped. Any failure
 * leaves the worker as it would be without us, and is reported as a state.
 */
export class NativeWatch {
  readonly #onState: (state: DebuggerState) => void;
  /** Aborted when nothing new is to be attached. */
  readonly #stopping = new AbortController();
  /** Aborted when the debugger is to detach. */
  readonly #leaving = new AbortController();
  readonly #process: WorkingProcess;
  #running: Promise<void> = Promise.resolve();
  #workerPid = 0;
  #session: DebuggerSession<CapturedFault> | null = null;
  /** Something was captured, and it is not yet known whether the signal ends the process. */
  #pending = false;
  #fault: { capture: FaultCapture; at: number } | null = null;
  #state: DebuggerState = { state: 'waiting', reason: null };
  /** Set while it is not known what the process executed. */
  #checkTimer: NodeJS.Timeout | undefined;
  /** It was attached before the worker executed its program. */
  #isEntering = false;
  /** The attached process only starts the worker. */
  #isWrapper = false;
  #hasEnded = false;
  #isHandedOver = false;

  /**
   * @param onState called whenever the state changes
   * @param wholeSlot for all memory, if that is to be kept at a fatal signal
   * @param tracer to attach with; it is started when needed if there is none
   */
  constructor(
    onState: (state: DebuggerState) => void,
    wholeSlot: () => KeptSlot | null,
    tracer: Tracer | null = null,
  ) {
    this.#onState = onState;
    this.#process = new WorkingProcess({
      leaving: this.#leaving.signal,
      onEvent: (event) => this.#note(event),
      enter: (state) => this.#enter(state),
      wholeSlot,
    });
    this.#process.tracer = tracer;
  }

  /**
   * Starts a worker below a debugger, and watches it; for kernels that let only ancestors trace. null if that is not
   * possible; then nothing was started.
   */
  static async launch(
    { command, env, stderr, inherited }: LaunchOptions,
    onState: (state: DebuggerState) => void,
    wholeSlot: () => KeptSlot | null,
  ): Promise<{ worker: Worker; watch: NativeWatch } | null> {
    const watch = new NativeWatch(onState, wholeSlot);
    const launched = await launchUnderDebugger<CapturedFault>({
      command: withFront(command, env, inherited),
      env,
      stderr,
      passed: descriptorsToPass(inherited),
      ownVariables: [RUN_MARKER],
      ...watch.#process.hooks(),
    });
    if (launched === null) return null;
    const worker = launchedWorker(launched);
    watch.#process.tracer = launched.tracer;
    watch.#isEntering = true;
    watch.#running = watch.#run(
      worker,
      launched.session.then((session) => watch.#process.attached(session)),
    );
    return { worker, watch };
  }

  /** Starts a debugger to be given to the next watch. The caller must end it otherwise. */
  static prepare(): Tracer {
    return startTracer();
  }

  /** From now on this worker is watched; call it once. */
  begin(worker: WatchedProcess): void {
    this.#running = this.#run(worker, this.#process.attach(worker.pid));
  }

  /**
   * Settles when nothing is attached any more: with the debugger, which the caller must end, if it can attach to
   * another worker; with null if none is left. After `finalCapture`.
   */
  async handOver(): Promise<Tracer | null> {
    await this.#running;
    return this.#isHandedOver ? this.#process.tracer : null;
  }

  /** The capture of the signal that ended the worker, by this status; null if no debugger saw one. */
  async finalCapture(status: ExitStatus): Promise<FaultCapture | null> {
    this.#hasEnded = true;
    this.#stopping.abort();
    const session = this.#session;
    const pending = session !== null && this.#pending ? await this.#pendingCapture(session, status) : null;
    // What a wrapper started can outlive it, and is no main process then.
    if (session !== null && isRunning(session.pid)) this.#leaving.abort();
    if (pending !== null) return pending;
    const fault = this.#fault;
    return fault !== null && performance.now() - fault.at < BELONGS_TO_WRAPPER_MS ? fault.capture : null;
  }

  /** On a busy machine gdbserver's report of the end can come seconds after the parent's. */
  async #pendingCapture(
    session: DebuggerSession<CapturedFault>,
    status: ExitStatus,
  ): Promise<FaultCapture | null> {
    if (session.pid === this.#workerPid && status.type === 'signal') {
      return session.captureFor(constants.signals[status.signal as NodeJS.Signals]);
    }
    const over = new AbortController();
    const end = await Promise.race([session.outcome, delay(FINAL_CAPTURE_MS, over.signal)]);
    over.abort();
    return typeof end === 'object' ? captureOf(end) : null;
  }

  /** Detaches; the worker runs on. Settles when that is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#leaving.abort();
    await this.#running;
  }

  async #run(worker: WatchedProcess, first: Promise<Found>): Promise<void> {
    this.#workerPid = worker.pid;
    try {
      await this.#watch(worker, first);
    } catch {
      // The agent must survive it. The error's message can hold text of the worker, and a reason is public.
      this.#enter({ state: 'not-attached', reason: 'its debugger failed unexpectedly' });
    }
    clearTimeout(this.#checkTimer);
    const { tracer } = this.#process;
    this.#isHandedOver = this.#hasEnded && tracer?.isReusable === true;
    if (!this.#isHandedOver) await tracer?.end();
  }

  async #watch(worker: WatchedProcess, first: Promise<Found>): Promise<void> {
    const { signal } = this.#stopping;
    let lost = 0;
    let refused = 0;
    let retries = 0;
    let found = await first;
    for (;;) {
      if (found !== null && !('failed' in found)) {
        const end = await this.#follow(found);
        lost += end.type === 'lost' ? 1 : 0;
        if (isFinal(end) && !this.#isWrapper) return;
        // Only its ancestor can attach, and that has ended.
        if (this.#process.tracer?.isOver === true && onlyAncestorsCanTrace()) return;
        this.#isWrapper = false;
        this.#isEntering = false;
        retries = 0;
      } else if (found !== null) {
        lost += found.failed === 'protocol' ? 1 : 0;
        refused += found.failed === 'not-permitted' ? 1 : 0;
        if (isFinalFailure(found)) return;
        // Not a moment before it ends, or executes a program.
        if (found.failed === 'first-thread' && retries === RETRY_MS.length)
          this.#enter({ state: 'not-attached', reason: found.message });
      }
      if (lost >= MAX_LOST || refused >= MAX_REFUSED) return;
      await delay(RETRY_MS[Math.min(retries, RETRY_MS.length - 1)] ?? 0, signal);
      if (signal.aborted || !isAlive(worker.pid, worker.startTicks)) return;
      retries += 1;
      found = await this.#process.attach(worker.pid);
    }
  }

  async #follow(session: DebuggerSession<CapturedFault>): Promise<SessionEnd<CapturedFault>> {
    this.#session = session;
    // What it executed before this was not looked at.
    if (this.#isEntering) this.#checkSoon();
    else this.#enter({ state: 'attached', reason: null });
    const end = await session.ended;
    this.#session = null;
    this.#pending = false;
    const capture = captureOf(end);
    if (capture !== null) this.#fault = { capture, at: performance.now() };
    if (end.type === 'detached' && end.reason === 'signal-storm') {
      const reason = 'it handles so many faults that a debugger would slow it down';
      this.#enter({ state: 'not-attached', reason });
    } else if (end.type === 'lost') {
      this.#enter({ state: 'not-attached', reason: `the debugger was lost: ${end.message}` });
    } else if (end.type !== 'detached') this.#enter({ state: 'waiting', reason: null });
    return end;
  }

  #note(event: SessionEvent): void {
    if (event.type === 'first-chance' && event.outcome === 'captured') this.#pending = true;
    if (event.type !== 'exec') return;
    this.#process.forget();
    this.#checkSoon();
  }

  #checkSoon(): void {
    clearTimeout(this.#checkTimer);
    this.#checkTimer = setTimeout(() => this.#checkExecuted(), CHECK_AFTER_EXEC_MS).unref();
  }

  /** What was known is of the program before. */
  #checkExecuted(attempt = 0): void {
    const session = this.#session;
    if (session === null) return;
    this.#process.learn(session.pid);
    this.#isWrapper = isWrapper(session.pid);
    if (this.#isWrapper && findWorkingProcess(session.pid) === null) {
      // It has not started anything yet, and may execute it: only an ancestor that stays attached can then trace it.
      const waitMs = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
      this.#checkTimer = setTimeout(() => this.#checkExecuted(attempt + 1), waitMs).unref();
      return;
    }
    if (this.#process.isUnsuitable(session.pid) || this.#isWrapper) {
      void session.detach();
      return;
    }
    this.#isEntering = false;
    this.#enter({ state: 'attached', reason: null });
  }

  #enter(state: DebuggerState): void {
    if (state.state === this.#state.state && state.reason === this.#state.reason) return;
    this.#state = state;
    if (!this.#stopping.signal.aborted) this.#onState(state);
  }
}

function isRunning(pid: number): boolean {
  const stat = readProcessStat(pid);
  return stat !== null && !hasEnded(stat);
}

function captureOf(end: SessionEnd<CapturedFault>): FaultCapture | null {
  return end.type === 'exited' ? null : end.capture;
}

function isFinal(end: SessionEnd<CapturedFault>): boolean {
  return end.type === 'detached' && end.reason !== 'worker-stopped';
}

function isFinalFailure({ failed }: AttachFailure): boolean {
  return failed === 'no-gdbserver' || failed === 'aborted';
}
