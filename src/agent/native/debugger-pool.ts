import type { KeptSlot } from '../../debugger/kept-memory.ts';
import type { Tracer } from '../../debugger/tracer.ts';
import type { DebuggerState } from '../../journal/documents.ts';
import { type LoadedWatch, loadNativeWatch } from './load-native-watch.ts';
import type { NativeWatch } from './native-watch.ts';

/** Of a host. Each is a gdbserver and its watchdog: 5 MB resident, most of it shared. */
const MAX_DEBUGGERS = 10;
/** Of an app, for the processes below its main one. */
export const MAX_DEBUGGED_CHILDREN = 5;
/** A debugger that waits for the next process to attach to ends after this. */
const SPARE_MS = 60_000;

/**
 * Debuggers for several processes, a limited number at a time. One that its process has left serves the next process: attaching
 * then costs no start of a program beside the process that boots.
 */
export class DebuggerPool {
  readonly #onProblem: (message: string) => void;
  readonly #most: number;
  /** Of all processes that are debugged. */
  readonly kept: KeptSlot = { newest: null };
  #isWarm = false;
  #used = 0;
  #spare: Tracer | null = null;
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  /** @param most debuggers at a time */
  constructor(onProblem: (message: string) => void, most: number = MAX_DEBUGGERS) {
    this.#onProblem = onProblem;
    this.#most = most;
  }

  /** Why there is no other one now; null if there is. */
  get shortage(): string | null {
    if (this.#used < this.#most) return null;
    return `debuggers are attached to ${this.#most} processes, and more are not allowed`;
  }

  /** A debugger that is attached by `begin` and must be given back by `release`; null if there are as many as allowed. */
  async take(
    onState: (state: DebuggerState) => void,
    wantsWhole: () => boolean,
  ): Promise<NativeWatch | null> {
    const loaded = await this.#reserve();
    return loaded === null
      ? null
      : new loaded.NativeWatch(onState, () => (wantsWhole() ? this.kept : null), this.#usableSpare());
  }

  /** Settles when nothing is attached any more; what captured the end of its process can attach again. */
  async release(watch: NativeWatch): Promise<void> {
    await this.giveBack(await watch.handOver());
  }

  /** One that attaches to one process after another; to be given back. null if there are as many as allowed. */
  async borrow(): Promise<Tracer | null> {
    const loaded = await this.#reserve();
    return loaded === null ? null : (this.#usableSpare() ?? loaded.NativeWatch.prepare());
  }

  /** @param tracer null if it has ended */
  async giveBack(tracer: Tracer | null): Promise<void> {
    this.#used -= 1;
    if (tracer?.isReusable === true) await this.#keep(tracer);
    else await tracer?.end();
  }

  /** One will be needed soon: by the next start of a service that is about to be armed. */
  async prepare(): Promise<void> {
    const loaded = await this.#load();
    if (loaded === null || this.#hasEnded) return;
    if (this.#spare === null) await this.#keep(loaded.NativeWatch.prepare());
  }

  /** Once, when something is attached: the first capture would take longer. */
  async warmUp(): Promise<void> {
    if (this.#isWarm) return;
    this.#isWarm = true;
    try {
      const { warmUp } = await import('./warm-up.ts');
      await warmUp(false);
    } catch {
      // Attaching reports what is wrong.
    }
  }

  /** Settles when the spare one is gone; the others are released by their users. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#takeSpare()?.end();
  }

  async #reserve(): Promise<LoadedWatch | null> {
    const loaded = await this.#load();
    if (loaded === null || this.#hasEnded || this.shortage !== null) return null;
    this.#used += 1;
    return loaded;
  }

  #usableSpare(): Tracer | null {
    const spare = this.#takeSpare();
    return spare?.isOver === false ? spare : null;
  }

  async #keep(tracer: Tracer): Promise<void> {
    if (this.#spare !== null || this.#hasEnded) return await tracer.end();
    this.#spare = tracer;
    this.#timer = setTimeout(() => void this.#takeSpare()?.end(), SPARE_MS).unref();
  }

  #takeSpare(): Tracer | null {
    clearTimeout(this.#timer);
    const spare = this.#spare;
    this.#spare = null;
    return spare;
  }

  #load(): Promise<LoadedWatch | null> {
    return loadNativeWatch((message) =>
      this.#onProblem(`The code of the debugger cannot be loaded: ${message}.`),
    );
  }
}
