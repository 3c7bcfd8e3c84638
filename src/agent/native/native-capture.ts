import { onlyAncestorsCanTrace } from '../../debugger/ptrace-scope.ts';
import type { DebuggerState } from '../../journal/documents.ts';
import type { ExitStatus } from '../../model/exit.ts';
import { delay } from '../../worker/delay.ts';
import type { LaunchOptions } from '../../worker/launch.ts';
import type { Worker } from '../../worker/worker.ts';
import type { FaultCapture, NativeWatch } from './native-watch.ts';

/** Loaded only when needed: the agent of a worker that is well stays small. */
type Loaded = typeof import('./native-watch.ts');

/** Keeps a debugger ready for a fatal signal of the worker that is armed now, if there is one. */
export class NativeCapture {
  readonly #onState: (state: DebuggerState) => void;
  readonly #mustBeParent: boolean;
  #loaded: Promise<Loaded> | null = null;
  #watch: NativeWatch | null = null;
  #worker: Worker | null = null;
  #selfTest: Promise<void> | null = null;
  #ending: Promise<void> = Promise.resolve();

  /** @param asParent also where other processes can trace */
  constructor(onState: (state: DebuggerState) => void, asParent: boolean) {
    this.#onState = onState;
    this.#mustBeParent = asParent || onlyAncestorsCanTrace();
  }

  /**
   * Starts a worker below a debugger, where the kernel allows no other way to trace it, and watches it. null if that
   * is not needed, or fails; then nothing was started.
   */
  async launch(options: LaunchOptions): Promise<Worker | null> {
    if (!this.#mustBeParent) return null;
    const loaded = await this.#load();
    const launched = (await loaded?.NativeWatch.launch(options, (state) => this.#changed(state))) ?? null;
    if (launched === null) return null;
    this.#worker = launched.worker;
    this.#watch = launched.watch;
    return launched.worker;
  }

  /** Loads its code now, because a debugger may be needed soon. */
  preload(): void {
    // A failure is reported when the code is needed.
    setImmediate(() => void import('./native-watch.ts').catch(() => {}));
  }

  /** From now on this worker is watched. Returns immediately; the result is reported as states. */
  begin(worker: Worker): void {
    if (this.#worker === worker) return;
    this.#worker = worker;
    void this.#begin(worker);
  }

  /** What was captured of the worker, which has ended so; null if no debugger saw a fatal signal. */
  async finalCapture(status: ExitStatus): Promise<FaultCapture | null> {
    const watch = this.#watch;
    this.#worker = null;
    this.#watch = null;
    if (watch === null) return null;
    this.#ending = watch.over;
    return await watch.finalCapture(status);
  }

  /** Settles when no debugger process is left, after `limitMs` at the latest. */
  async settled(limitMs: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([Promise.all([this.#ending, this.#selfTest]), delay(limitMs, over.signal)]);
    over.abort();
  }

  /** Detaches the debugger; the worker runs on. Settles when that is done. */
  async end(): Promise<void> {
    const watch = this.#watch;
    this.#worker = null;
    this.#watch = null;
    await watch?.stop();
  }

  async #begin(worker: Worker): Promise<void> {
    const loaded = await this.#load();
    // It may have ended, or been disarmed, while the code was loaded.
    if (loaded === null || this.#worker !== worker) return;
    this.#watch = new loaded.NativeWatch((state) => this.#changed(state));
    this.#watch.begin(worker);
  }

  /** null if crashmon's own files are missing (an upgrade under way). */
  async #load(): Promise<Loaded | null> {
    try {
      this.#loaded ??= import('./native-watch.ts');
      return await this.#loaded;
    } catch (error) {
      this.#loaded = null;
      const reason = `crashmon's code for it cannot be loaded: ${(error as Error).message}`;
      this.#onState({ state: 'not-attached', reason });
      return null;
    }
  }

  #changed(state: DebuggerState): void {
    this.#onState(state);
    if (state.state !== 'waiting') this.#selfTest ??= this.#runSelfTest();
  }

  /** Once, while the first armed worker runs. */
  async #runSelfTest(): Promise<void> {
    try {
      const { warmUp } = await import('./warm-up.ts');
      await warmUp(this.#mustBeParent);
    } catch {
      // Attaching reports what is wrong.
    }
  }
}
