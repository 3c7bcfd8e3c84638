import type { KeptSlot } from '../../debugger/kept-memory.ts';
import { onlyAncestorsCanTrace } from '../../debugger/ptrace-scope.ts';
import type { Tracer } from '../../debugger/tracer.ts';
import type { DebuggerState } from '../../journal/documents.ts';
import type { ExitStatus } from '../../model/exit.ts';
import { delay } from '../../worker/delay.ts';
import type { LaunchOptions } from '../../worker/launch.ts';
import type { Worker } from '../../worker/worker.ts';
import { type LoadedWatch, loadNativeWatch } from './load-native-watch.ts';
import type { FaultCapture, NativeWatch } from './native-watch.ts';

/** How long attaching waits for the debugger of the worker before; usually it is free by then. */
const SPARE_MS = 500;

/** Keeps a debugger ready for a fatal signal of the worker that is armed now, if there is one. */
export class NativeCapture {
  readonly #onState: (state: DebuggerState) => void;
  readonly #mustBeParent: boolean;
  readonly #wholeSlot: () => KeptSlot | null;
  #watch: NativeWatch | null = null;
  #worker: Worker | null = null;
  #selfTest: Promise<void> | null = null;
  /** Of the worker before, or started during the back-off; null if there is none. */
  #spare: Promise<Tracer | null> = Promise.resolve(null);

  /**
   * @param asParent also where other processes can trace
   * @param wholeSlot for all memory, if that is to be kept at a fatal signal
   */
  constructor(onState: (state: DebuggerState) => void, asParent: boolean, wholeSlot: () => KeptSlot | null) {
    this.#wholeSlot = wholeSlot;
    this.#onState = onState;
    this.#mustBeParent = asParent || onlyAncestorsCanTrace();
  }

  /**
   * Starts a worker below a debugger, where the kernel allows no other way to trace it, and watches it. null if that
   * is not needed, or fails; then nothing was started.
   */
  async launch(options: LaunchOptions): Promise<Worker | null> {
    if (!this.#mustBeParent) return null;
    void this.release();
    const loaded = await this.#load();
    const onState = (state: DebuggerState) => this.#changed(state);
    const launched = (await loaded?.NativeWatch.launch(options, onState, this.#wholeSlot)) ?? null;
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

  /** Starts a debugger for the next worker, unless there is one: while it boots, it has the processor to itself. */
  prepare(): void {
    if (this.#mustBeParent) return;
    this.#spare = this.#spare.then(
      async (spare) => spare ?? (await this.#load())?.NativeWatch.prepare() ?? null,
    );
  }

  /** The next worker needs no debugger. Settles when none is left. */
  async release(): Promise<void> {
    const spare = this.#spare;
    this.#spare = Promise.resolve(null);
    await (await spare)?.end();
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
    return await watch.finalCapture(status);
  }

  /** Settles when no debugger process is left, after `limitMs` at the latest. */
  async settled(limitMs: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([Promise.all([this.release(), this.#selfTest]), delay(limitMs, over.signal)]);
    over.abort();
  }

  /** Detaches the debugger; the worker runs on. Settles when that is done. */
  async end(): Promise<void> {
    const watch = this.#watch;
    this.#worker = null;
    this.#watch = null;
    await Promise.all([watch?.stop(), this.release()]);
  }

  async #begin(worker: Worker): Promise<void> {
    const ready = withinLimit(this.#spare);
    const next = Promise.withResolvers<Tracer | null>();
    this.#spare = next.promise;
    const loaded = await this.#load();
    const spare = await ready;
    // It may have ended, or been disarmed, meanwhile.
    if (loaded === null || this.#worker !== worker) {
      next.resolve(spare);
      return;
    }
    this.#watch = new loaded.NativeWatch((state) => this.#changed(state), this.#wholeSlot, spare);
    this.#watch.begin(worker);
    next.resolve(this.#watch.handOver());
  }

  #load(): Promise<LoadedWatch | null> {
    return loadNativeWatch((message) => {
      const reason = `crashmon's code for it cannot be loaded: ${message}`;
      this.#onState({ state: 'not-attached', reason });
    });
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

/** null if it is still busy with the worker before; then it is ended when it is free. */
async function withinLimit(spare: Promise<Tracer | null>): Promise<Tracer | null> {
  const over = new AbortController();
  const ready = await Promise.race([spare, delay(SPARE_MS, over.signal).then(() => 'busy' as const)]);
  over.abort();
  if (ready !== 'busy') return ready;
  void spare.then((late) => late?.end());
  return null;
}
