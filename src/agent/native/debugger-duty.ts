import type { DebuggerState } from '../../journal/documents.ts';
import type { Worker } from '../../worker/worker.ts';
import type { NativeDeathCapture, NativeWatch } from './native-watch.ts';

/** Without it, nothing of the debugger's is even loaded: an agent whose worker is well stays small. */
type Loaded = typeof import('./native-watch.ts');

/** Sees to it that a debugger waits for the death of the worker that is armed now, if there is one. */
export class DebuggerDuty {
  readonly #onState: (state: DebuggerState) => void;
  #loaded: Promise<Loaded> | null = null;
  #watch: NativeWatch | null = null;
  #worker: Worker | null = null;
  #isWarm = false;

  constructor(onState: (state: DebuggerState) => void) {
    this.#onState = onState;
  }

  /** From now on this worker is watched. Returns at once; what becomes of it is told as states. */
  begin(worker: Worker): void {
    this.#worker = worker;
    void this.#begin(worker);
  }

  /** What the worker, which has ended, died of; null where no debugger saw it. */
  async lastWord(): Promise<NativeDeathCapture | null> {
    const watch = this.#watch;
    this.#worker = null;
    this.#watch = null;
    return watch === null ? null : await watch.lastWord();
  }

  /** Lets the worker run on without a debugger. Settles when that is so. */
  async end(): Promise<void> {
    const watch = this.#watch;
    this.#worker = null;
    this.#watch = null;
    await watch?.stop();
  }

  async #begin(worker: Worker): Promise<void> {
    this.#loaded ??= import('./native-watch.ts');
    const { NativeWatch, warmUp } = await this.#loaded;
    // It may have died, or been disarmed, while the code was loaded.
    if (this.#worker !== worker) return;
    const watch = new NativeWatch({ worker, onState: (state) => void this.#told(state, warmUp) });
    this.#watch = watch;
  }

  async #told(state: DebuggerState, warmUp: Loaded['warmUp']): Promise<void> {
    this.#onState(state);
    if (state.state !== 'attached' || this.#isWarm) return;
    this.#isWarm = true;
    await warmUp();
  }
}
