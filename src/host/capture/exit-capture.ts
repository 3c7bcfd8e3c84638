import { basename } from 'node:path';
import type { HeldProcess } from '../../exit-watch/held-process.ts';
import type { UncaughtReading } from '../../exit-watch/uncaught-reader.ts';
import type { WatchedExit } from '../../exit-watch/watched-exit.ts';
import type { HeldDump } from '../../model/held-dump.ts';
import type { NoCaptureReason } from '../../model/no-capture.ts';
import { delay } from '../../worker/delay.ts';
import { findWorkingProcess } from '../../worker/main-process.ts';
import { isAlive, readExecutable, readProcessStat } from '../../worker/process-info.ts';
import { runtimeNamed } from '../../worker/running-program.ts';
import type { HostExits } from './host-exits.ts';
import type { CapturedEnd, CaptureState, MainProcess, RunCapture } from './run-capture.ts';

type ExitCaptureParts = {
  exits: HostExits;
  main: MainProcess;
  /** Settles when what was attached before has left: a process can have one tracer. */
  after: Promise<void> | undefined;
  /** Time of day. */
  startedAtMs: number;
  /** In a session; null if none is wanted. */
  dumpOf: (held: HeldProcess) => HeldDump | null;
  /** At every change. */
  onState: (state: CaptureState) => void;
};

/** Until it has executed Node, often: a program can end soon after its start. */
const SOON_MS = [0, 2, 3, 5, 5];
const SOON_UNTIL_MS = 1_500;
const LATER_MS = 2_000;
/** By then the end of a process has been reported, unless it lives on after its main process. */
const END_MS = 2_000;

/** Watches the Node process of one run, and reads the exception that ends it. */
export class ExitCapture implements RunCapture {
  readonly means = 'exit-watch';
  readonly #parts: ExitCaptureParts;
  readonly #over = new AbortController();
  #watched: WatchedExit | null = null;
  #reading: Promise<UncaughtReading> | null = null;
  #heldDump: HeldDump | null = null;
  #said: NoCaptureReason | 'watched' | null = null;
  /** By something else, such as a debugger, which may leave it. */
  #isTraced = false;

  constructor(parts: ExitCaptureParts) {
    this.#parts = parts;
    // Whatever is wrong with what was read, the process is not affected.
    void this.#follow().catch((error: Error) => this.#giveUp('unreadable', error.message));
  }

  get isWatched(): boolean {
    return this.#said === 'watched';
  }

  async ended(): Promise<CapturedEnd | null> {
    const over = new AbortController();
    const limit = delay(END_MS, over.signal).then(() => null);
    const reading = await Promise.race([this.#reading, limit]);
    over.abort();
    await this.leave();
    return reading === null ? null : { ...reading, fault: null, heldDump: this.#heldDump };
  }

  async leave(): Promise<void> {
    this.#over.abort();
    await this.#watched?.leave();
  }

  async #follow(): Promise<void> {
    const { main, after } = this.#parts;
    await after;
    const begun = performance.now();
    for (let looks = 0; isAlive(main.pid, main.startTicks); looks++) {
      const isSoon = performance.now() - begun < SOON_UNTIL_MS;
      const waitMs = isSoon && !this.#isTraced ? (SOON_MS[looks] ?? SOON_MS.at(-1) ?? 0) : LATER_MS;
      if (waitMs > 0 && !(await delay(waitMs, this.#over.signal))) return;
      if (this.#over.signal.aborted) return;
      if (this.#watched === null && !(await this.#watch(isSoon))) continue;
      if (!this.#expect(isSoon)) continue;
      await this.#watched?.exited;
      // A start script can run another one.
      this.#watched = null;
    }
  }

  /** @returns is it watched? */
  async #watch(isSoon: boolean): Promise<boolean> {
    const pid = findWorkingProcess(this.#parts.main.pid);
    const executable = pid === null ? null : readExecutable(pid);
    const startTicks = pid === null ? undefined : readProcessStat(pid)?.startTicks;
    const isNode = executable !== null && runtimeNamed(basename(executable)) === 'node';
    if (pid === null || startTicks === undefined || !isNode) {
      if (!isSoon && pid !== null) {
        const message = 'it does not run Node.js';
        this.#say('only-watched', { isWatched: false, why: 'only-watched', message });
      }
      return false;
    }
    const watched = await this.#parts.exits.watch({ pid, startTicks });
    if ('failed' in watched) {
      const { failed, message } = watched;
      this.#isTraced = failed === 'already-traced';
      if (this.#isTraced) this.#say('already-traced', { isWatched: false, why: 'already-traced', message });
      else if (failed !== 'gone' && failed !== 'ended')
        this.#giveUp(failed === 'not-permitted' ? failed : 'no-exit-watch', message);
      return false;
    }
    this.#isTraced = false;
    this.#watched = watched;
    if (this.#over.signal.aborted) await watched.leave();
    return !this.#over.signal.aborted;
  }

  /** At the moment of its exec a process has no memory to read yet. */
  #expect(isSoon: boolean): boolean {
    const watched = this.#watched;
    if (watched === null) return false;
    const reading = this.#parts.exits.uncaught.expect(watched, this.#parts.startedAtMs);
    if (reading !== null) {
      this.#reading = reading;
      // After the exception was read.
      watched.onHeld((held) => {
        this.#heldDump = this.#parts.dumpOf(held);
      });
      this.#say('watched', { isWatched: true });
      return true;
    }
    if (!isSoon) this.#giveUp('unreadable', 'this Node.js does not describe its heap');
    return false;
  }

  #giveUp(why: NoCaptureReason, message: string): void {
    this.#say(why, { isWatched: false, why, message });
    void this.leave();
  }

  #say(what: NoCaptureReason | 'watched', state: CaptureState): void {
    if (this.#said === what || this.#over.signal.aborted) return;
    this.#said = what;
    this.#parts.onState(state);
  }
}
