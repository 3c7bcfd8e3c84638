import { attachDebugger } from '../../debugger/attach-debugger.ts';
import type { AttachFailure } from '../../debugger/attach-failure.ts';
import type { AttachOptions } from '../../debugger/attach-options.ts';
import { launchUnderDebugger } from '../../debugger/launch-under-debugger.ts';
import { onlyParentsMayTrace } from '../../debugger/ptrace-scope.ts';
import { runSelfTest } from '../../debugger/self-test.ts';
import type { DebuggerSession, FatalCapture, SessionEnd, SessionEvent } from '../../debugger/session.ts';
import type { Tracer } from '../../debugger/tracer.ts';
import type { V8Layout } from '../../formats/v8/v8-layout.ts';
import type { DebuggerState } from '../../journal/documents.ts';
import { delay } from '../../worker/delay.ts';
import { RUN_MARKER } from '../../worker/find-orphan.ts';
import { withFront } from '../../worker/front.ts';
import { descriptorsToPass } from '../../worker/inherited.ts';
import type { LaunchOptions } from '../../worker/launch.ts';
import { findWorkingProcess, isWrapper } from '../../worker/main-process.ts';
import { isAlive, readProcessStat } from '../../worker/process-info.ts';
import { unsuitableRuntime } from '../../worker/unsuitable-runtime.ts';
import type { Worker } from '../../worker/worker.ts';
import { type CapturedFault, captureFault } from './capture-fault.ts';
import { launchedWorker } from './launched-worker.ts';
import { readV8LayoutOf } from './read-v8-layout.ts';

/** A death by a signal that was captured. */
export type FaultCapture = FatalCapture<CapturedFault>;

/** A wrapper ends soon after what it started; later the two have nothing to do with each other. */
const BELONGS_TO_WRAPPER_MS = 10_000;
/** The debugger learns of a death before the parent does; so long at most a restart waits for what it has to say. */
const FINAL_CAPTURE_MS = 100;
/** A wrapper takes a while to start the real worker, and what is stopped or traced may not be so for long. */
const LOOK_AGAIN_MS = [20, 50, 100, 250, 500, 1000];
/** Each time that the debugger itself failed, the worker may have felt it. */
const MAX_LOST = 3;
/** What executes another program at that moment is refused, too. */
const MAX_REFUSED = 3;
/** A wrapper that executes what it starts (sh, env) does so within moments. */
const LOOK_AFTER_EXEC_MS = 50;

type Found = DebuggerSession<CapturedFault> | AttachFailure | null;

/**
 * Keeps a debugger attached to the main process of one armed worker, for as long as the worker lives or until it is
 * asked to stop. Whatever fails leaves the worker as it would be without us, and is told as a state.
 */
export class NativeWatch {
  readonly #onState: (state: DebuggerState) => void;
  /** Aborted when nothing new is to be attached. */
  readonly #stopping = new AbortController();
  /** Aborted when what is attached shall be let go. */
  readonly #leaving = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #session: DebuggerSession<CapturedFault> | null = null;
  /** Something was captured of which it is not yet known whether the process dies of it. */
  #pending = false;
  #death: { capture: FaultCapture; at: number } | null = null;
  #state: DebuggerState = { state: 'waiting', reason: null };
  #v8: V8Layout | null = null;
  /** Set while it is not known what the process executed. */
  #lookTimer: NodeJS.Timeout | undefined;
  #wasAttached = false;
  /** A debugger that is the worker's ancestor. */
  #tracer: Tracer | null = null;
  /** It was attached before the worker executed its program. */
  #isEntering = false;
  /** What is attached turned out to start the worker only. */
  #isWrapper = false;
  readonly #unsuitable = new Set<number>();

  /** @param onState told whenever the state changes */
  constructor(onState: (state: DebuggerState) => void) {
    this.#onState = onState;
  }

  /**
   * Starts a worker below a debugger, and watches it; for kernels that let only ancestors trace. null where it cannot be
   * started so; nothing was started then.
   */
  static async launch(
    { command, env, stderr, inherited }: LaunchOptions,
    onState: (state: DebuggerState) => void,
  ): Promise<{ worker: Worker; watch: NativeWatch } | null> {
    const watch = new NativeWatch(onState);
    const launched = await launchUnderDebugger<CapturedFault>({
      command: withFront(command, env, inherited),
      env,
      stderr,
      passed: descriptorsToPass(inherited),
      ownVariables: [RUN_MARKER],
      ...watch.#hooks(),
    });
    if (launched === null) return null;
    const worker = launchedWorker(launched);
    watch.#tracer = launched.tracer;
    watch.#isEntering = true;
    watch.#running = watch.#run(
      worker,
      launched.session.then((session) => watch.#entered(session)),
    );
    return { worker, watch };
  }

  /** From now on this worker is watched; call it once. */
  begin(worker: Worker): void {
    this.#running = this.#run(worker, this.#find(worker));
  }

  get state(): DebuggerState {
    return this.#state;
  }

  /** False where the worker was quicker to die than a debugger can be attached. */
  get wasAttached(): boolean {
    return this.#wasAttached;
  }

  /** Settles when there is no debugger any more. */
  get over(): Promise<void> {
    return this.#running;
  }

  /** What the worker, which has ended, died of; null where no debugger saw it die of a signal. */
  async finalCapture(): Promise<FaultCapture | null> {
    this.#stopping.abort();
    const session = this.#session;
    if (session !== null && this.#pending) {
      const over = new AbortController();
      await Promise.race([session.ended, delay(FINAL_CAPTURE_MS, over.signal)]);
      over.abort();
    }
    // What a wrapper started may outlive it, and is nobody's main process then.
    if (session !== null && isRunning(session.pid)) this.#leaving.abort();
    const death = this.#death;
    return death !== null && performance.now() - death.at < BELONGS_TO_WRAPPER_MS ? death.capture : null;
  }

  /** Detaches; the worker runs on. Settles when that is so. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#leaving.abort();
    await this.#running;
  }

  async #run(worker: Worker, first: Promise<Found>): Promise<void> {
    try {
      await this.#watch(worker, first);
    } catch {
      // The agent must not fall with it. What the error says may be the worker's, and a reason is public.
      this.#enter({ state: 'not-attached', reason: 'its debugger failed unexpectedly' });
    }
    clearTimeout(this.#lookTimer);
    await this.#tracer?.end();
  }

  async #watch(worker: Worker, first: Promise<Found>): Promise<void> {
    const { signal } = this.#stopping;
    let lost = 0;
    let refused = 0;
    let looks = 0;
    let found = await first;
    for (;;) {
      if (found !== null && !('failed' in found)) {
        const end = await this.#follow(found);
        lost += end.type === 'lost' ? 1 : 0;
        if (isFinal(end) && !this.#isWrapper) return;
        // Only its ancestor may attach, and there is none any more.
        if (this.#tracer?.isOver === true && onlyParentsMayTrace()) return;
        this.#isWrapper = false;
        this.#isEntering = false;
        looks = 0;
      } else if (found !== null) {
        lost += found.failed === 'protocol' ? 1 : 0;
        refused += found.failed === 'not-permitted' ? 1 : 0;
        if (isFinalFailure(found)) return;
      }
      if (lost >= MAX_LOST || refused >= MAX_REFUSED) return;
      await delay(LOOK_AGAIN_MS[Math.min(looks, LOOK_AGAIN_MS.length - 1)] ?? 0, signal);
      if (signal.aborted || !isAlive(worker.pid, worker.startTicks)) return;
      looks += 1;
      found = await this.#find(worker);
    }
  }

  async #find(worker: Worker): Promise<Found> {
    const pid = findWorkingProcess(worker.pid);
    return pid === null || this.#unsuitable.has(pid) ? null : await this.#attach(pid);
  }

  /** null for a process that no debugger suits; the next one of a wrapper's may be another. */
  async #attach(pid: number): Promise<Found> {
    const unsuitable = unsuitableRuntime(pid);
    if (unsuitable !== null) {
      this.#unsuitable.add(pid);
      this.#enter({ state: 'not-attached', reason: unsuitable });
      return null;
    }
    const options = { pid, ...this.#hooks() };
    const tracer = this.#tracer === null || this.#tracer.isOver ? null : this.#tracer;
    return this.#entered(await (tracer?.attach(options) ?? attachDebugger<CapturedFault>(options)));
  }

  #entered(session: DebuggerSession<CapturedFault> | AttachFailure): Found {
    if ('failed' in session) {
      if (session.failed !== 'gone' && session.failed !== 'aborted') {
        this.#enter({ state: 'not-attached', reason: session.message });
      }
      return session;
    }
    this.#v8 = readV8LayoutOf(session.pid);
    this.#wasAttached = true;
    return session;
  }

  #hooks(): Omit<AttachOptions<CapturedFault>, 'pid'> {
    return {
      signal: this.#leaving.signal,
      onFatal: (snapshot, { missingThreads }) => {
        if (this.#lookTimer !== undefined) this.#v8 = readV8LayoutOf(snapshot.pid);
        return captureFault(snapshot, missingThreads, this.#v8);
      },
      onEvent: (event) => this.#note(event),
    };
  }

  async #follow(session: DebuggerSession<CapturedFault>): Promise<SessionEnd<CapturedFault>> {
    this.#session = session;
    if (!this.#isEntering) this.#enter({ state: 'attached', reason: null });
    const end = await session.ended;
    this.#session = null;
    this.#pending = false;
    const capture = end.type === 'killed' || end.type === 'lost' ? end.capture : null;
    if (capture !== null) this.#death = { capture, at: performance.now() };
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
    clearTimeout(this.#lookTimer);
    this.#lookTimer = setTimeout(() => this.#lookAgain(), LOOK_AFTER_EXEC_MS).unref();
  }

  /** What was known is of the program before. */
  #lookAgain(): void {
    this.#lookTimer = undefined;
    const session = this.#session;
    if (session === null) return;
    this.#v8 = readV8LayoutOf(session.pid);
    const unsuitable = unsuitableRuntime(session.pid);
    this.#isWrapper = isWrapper(session.pid);
    if (unsuitable === null && !this.#isWrapper) {
      this.#isEntering = false;
      this.#enter({ state: 'attached', reason: null });
      return;
    }
    if (unsuitable !== null) {
      this.#unsuitable.add(session.pid);
      this.#enter({ state: 'not-attached', reason: unsuitable });
    }
    void session.detach();
  }

  #enter(state: DebuggerState): void {
    if (state.state === this.#state.state && state.reason === this.#state.reason) return;
    this.#state = state;
    if (!this.#stopping.signal.aborted) this.#onState(state);
  }
}

function isRunning(pid: number): boolean {
  const state = readProcessStat(pid)?.state;
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/**
 * Code that has run once holds a dying worker a third as long.
 * @param asParent as workers are started where only ancestors may trace
 */
export async function warmUp(asParent: boolean): Promise<void> {
  await runSelfTest({
    launchEnv: asParent ? process.env : undefined,
    onFatal: (snapshot) => captureFault(snapshot, 0, null),
  });
}

function isFinal(end: SessionEnd<CapturedFault>): boolean {
  return end.type === 'detached' && end.reason !== 'worker-stopped';
}

function isFinalFailure({ failed }: AttachFailure): boolean {
  return failed === 'no-gdbserver' || failed === 'aborted';
}
