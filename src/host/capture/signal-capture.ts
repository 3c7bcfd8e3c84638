import type { DebuggerPool } from '../../agent/native/debugger-pool.ts';
import type { NativeWatch } from '../../agent/native/native-watch.ts';
import type { DebuggerState } from '../../journal/documents.ts';
import type { ExitStatus } from '../../model/exit.ts';
import { delay } from '../../worker/delay.ts';
import { isAlive } from '../../worker/process-info.ts';
import { hasExecuted } from '../../worker/running-program.ts';
import { unsuitableRuntime } from '../../worker/unsuitable-runtime.ts';
import type { CapturedEnd, CaptureState, MainProcess, RunCapture } from './run-capture.ts';

type SignalCaptureParts = {
  debuggers: DebuggerPool;
  main: MainProcess;
  /** Settles when what was attached before has left: a process can have one tracer. */
  after: Promise<void> | undefined;
  /** Is all memory to be kept at a fatal signal? */
  wantsWhole: () => boolean;
  /** At every change. */
  onState: (state: CaptureState) => void;
  /** For `crashmon status`. */
  onDebugger: (state: DebuggerState) => void;
};

/** Until the process of a service has executed its program, often: a program can end soon after its start. */
const EXECUTED_MS = [0, 2, 3, 5, 5, 10, 20];
const LATER_MS = 100;

/** Keeps a debugger attached to the working process of one run, and captures the fatal signal that ends it. */
export class SignalCapture implements RunCapture {
  readonly means = 'debugger';
  readonly #parts: SignalCaptureParts;
  readonly #over = new AbortController();
  #watch: NativeWatch | null = null;
  readonly #attaching: Promise<void>;
  #isWatched = false;

  constructor(parts: SignalCaptureParts) {
    this.#parts = parts;
    this.#attaching = this.#attach().catch((error: Error) => this.#cannot('no-debugger', error.message));
  }

  get isWatched(): boolean {
    return this.#isWatched;
  }

  async ended(status: ExitStatus): Promise<CapturedEnd | null> {
    const watch = this.#watch;
    const wasWatched = this.#isWatched;
    const fault = (await watch?.finalCapture(status)) ?? null;
    void this.#end({ isOver: true });
    return wasWatched || fault !== null ? { isRead: false, record: null, fault, heldDump: null } : null;
  }

  async leave(): Promise<void> {
    await this.#end({ isOver: false });
  }

  /** @param isOver the process has ended: its debugger is not asked to leave, and can attach to another */
  async #end({ isOver }: { isOver: boolean }): Promise<void> {
    this.#over.abort();
    await this.#attaching;
    const watch = this.#watch;
    this.#watch = null;
    if (watch === null) return;
    if (!isOver) await watch.stop();
    await this.#parts.debuggers.release(watch);
  }

  async #attach(): Promise<void> {
    const { after, debuggers, main, wantsWhole } = this.#parts;
    await after;
    if (!(await this.#executed())) return;
    const unsuitable = unsuitableRuntime(main.pid);
    if (unsuitable !== null) return this.#cannot('only-watched', unsuitable);
    const watch = await debuggers.take((state) => this.#changed(state), wantsWhole);
    if (watch === null) {
      return this.#cannot('no-debugger', debuggers.shortage ?? 'the code of the debugger cannot be loaded');
    }
    this.#watch = watch;
    watch.begin(main);
  }

  /** A debugger that is killed within that exec would leave the process stopped. @returns false if it has ended before */
  async #executed(): Promise<boolean> {
    const { pid, startTicks } = this.#parts.main;
    for (let looks = 0; !this.#over.signal.aborted && isAlive(pid, startTicks); looks++) {
      if (hasExecuted(pid)) return true;
      await delay(EXECUTED_MS[looks] ?? LATER_MS, this.#over.signal);
    }
    return false;
  }

  #changed(state: DebuggerState): void {
    if (this.#over.signal.aborted) return;
    this.#isWatched = state.state === 'attached';
    this.#parts.onDebugger(state);
    if (this.#isWatched) {
      void this.#parts.debuggers.warmUp();
      this.#parts.onState({ isWatched: true });
    } else {
      const why = state.state === 'not-attached' ? 'no-debugger' : null;
      this.#parts.onState({ isWatched: false, why, message: state.reason ?? '' });
    }
  }

  #cannot(why: 'no-debugger' | 'only-watched', reason: string): void {
    if (this.#over.signal.aborted) return;
    this.#parts.onDebugger({ state: 'not-attached', reason });
    this.#parts.onState({ isWatched: false, why, message: reason });
  }
}
