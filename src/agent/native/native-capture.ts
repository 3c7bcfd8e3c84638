import { onlyParentsMayTrace } from '../../debugger/ptrace-scope.ts';
import type { DebuggerState } from '../../journal/documents.ts';
import { delay } from '../../worker/delay.ts';
import type { LaunchOptions } from '../../worker/launch.ts';
import type { Worker } from '../../worker/worker.ts';
import type { FaultCapture, NativeWatch } from './native-watch.ts';

/** Without it, nothing of the debugger's is even loaded: an agent whose worker is well stays small. */
type Loaded = typeof import('./native-watch.ts');

/** Sees to it that a debugger waits for the death of the worker that is armed now, if there is one. */
export class NativeCapture {
  readonly #onState: (state: DebuggerState) => void;
  #loaded: Promise<Loaded> | null = null;
  #watch: NativeWatch | null = null;
  #worker: Worker | null = null;
  #selfTesting: Promise<void> | null = null;
  #ending: Promise<void> = Promise.resolve();

  readonly #mustBeParent: boolean;

  /** @param asParent also where others may trace */
  constructor(onState: (state: DebuggerState) => void, asParent: boolean) {
    this.#onState = onState;
    this.#mustBeParent = asParent || onlyParentsMayTrace();
  }

  /**
   * Starts a worker below a debugger, where the kernel allows no other way to trace it; it is watched then. null where
   * that is not needed, or fails; nothing was started then.
   */
  async launch(options: LaunchOptions): Promise<Worker | null> {
    if (!this.#mustBeParent) return null;
    const loaded = await this.#load();
    const launched = (await loaded?.NativeWatch.launch(options, (state) => this.#told(state))) ?? null;
    if (launched === null) return null;
    this.#worker = launched.worker;
    this.#watch = launched.watch;
    return launched.worker;
  }

  /** Loads its code now, where a debugger may soon be wanted at once. */
  preload(): void {
    // Whoever needs it tells why it cannot be had.
    setImmediate(() => void import('./native-watch.ts').catch(() => {}));
  }

  /** From now on this worker is watched. Returns at once; what becomes of it is told as states. */
  begin(worker: Worker): void {
    if (this.#worker === worker) return;
    this.#worker = worker;
    void this.#begin(worker);
  }

  /** What the worker, which has ended, died of; null where no debugger saw it. */
  async finalCapture(): Promise<FaultCapture | null> {
    const watch = this.#watch;
    this.#worker = null;
    this.#watch = null;
    if (watch === null) return null;
    this.#ending = watch.over;
    return await watch.finalCapture();
  }

  /** Settles when no debugger process is left, after `limitMs` at the latest. */
  async settled(limitMs: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([Promise.all([this.#ending, this.#selfTesting]), delay(limitMs, over.signal)]);
    over.abort();
  }

  /** Lets the worker run on without a debugger. Settles when that is so. */
  async end(): Promise<void> {
    const watch = this.#watch;
    this.#worker = null;
    this.#watch = null;
    await watch?.stop();
  }

  /** Once, while the first armed worker runs: code that has run before holds a dying worker a third as long. */
  async #runSelfTest(): Promise<void> {
    try {
      await (await this.#load())?.warmUp(this.#mustBeParent);
    } catch {
      // Only a self-test: attaching reports what is wrong.
    }
  }

  /** null where crashmon's own files are gone (an upgrade under way). */
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

  async #begin(worker: Worker): Promise<void> {
    const loaded = await this.#load();
    // It may have died, or been disarmed, while the code was loaded.
    if (loaded === null || this.#worker !== worker) return;
    this.#watch = new loaded.NativeWatch((state) => this.#told(state));
    this.#watch.begin(worker);
  }

  #told(state: DebuggerState): void {
    this.#onState(state);
    if (state.state !== 'waiting') this.#selfTesting ??= this.#runSelfTest();
  }
}
