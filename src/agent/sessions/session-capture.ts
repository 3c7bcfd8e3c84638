import type { HeldProcess } from '../../exit-watch/held-process.ts';
import type { DebuggerState } from '../../journal/documents.ts';
import { ensureRaw } from '../../journal/raw-capture.ts';
import type { CaptureMeans } from '../../model/capture-means.ts';
import type { HeldDump } from '../../model/held-dump.ts';
import type { Run } from '../../model/run.ts';
import type { Runtime } from '../../model/runtime.ts';
import { type CrashEnd, sessionMeans } from '../../policy/service-capture.ts';
import { isSessionOfMain } from '../../policy/session-state.ts';
import type { Worker } from '../../worker/worker.ts';
import type { MonitorParts } from '../monitor-parts.ts';
import type { NativeCapture } from '../native/native-capture.ts';
import { newestCrashes } from '../newest-crashes.ts';
import { keepRecords } from '../raw-run.ts';
import { ExitDump } from './exit-dump.ts';
import { SessionWatch } from './session-watch.ts';

type Parts = Pick<MonitorParts, 'memory' | 'clock' | 'emit' | 'exits' | 'options' | 'directory'> & {
  native: NativeCapture;
  /** The debugger leaves the worker, for `status`, too. */
  detach: () => Promise<void>;
  onDebugger: (state: DebuggerState) => void;
  /** A session has begun, or is over. */
  onChange: () => void;
  isArmed: () => boolean;
  /** What the worker runs, or the one before it ran. */
  runtime: () => Runtime | null;
};

/** A process can have one tracer. */
const INSTEAD = 'in this session its exit is watched, as an exception was its last crash';

export type RunningWorker = { run: Run; worker: Worker };

/** What is attached to the worker of `crashmon run`: the debugger of an armed one, and in a session what its dump needs. */
export class SessionCapture {
  readonly #parts: Parts;
  readonly #watch: SessionWatch;
  readonly #exitDump: ExitDump;
  #current: RunningWorker | null = null;
  #isExitWatched = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#watch = new SessionWatch(parts, () => this.#changed());
    this.#exitDump = new ExitDump(parts.exits, (held) => this.#watch.dumpOf(held));
  }

  /** A session wants all memory of a process that a fatal signal ends. */
  wantsWholeOf(process: 'main' | 'child'): boolean {
    return this.#watch.wantsWholeOf(process);
  }

  /** What a session wants attached; null without one. `exit-watch`: then no debugger can be. */
  get means(): CaptureMeans | null {
    const { memory, clock, isArmed } = this.#parts;
    if (!isSessionOfMain(memory.policy.session, clock()) || !isArmed()) return null;
    return this.#meansAfter(newestCrashes(memory).main);
  }

  /** The dump of a process below the main one that is held at its exit. */
  dumpOf(held: HeldProcess): HeldDump | null {
    return this.#watch.dumpOf(held);
  }

  /** The same for processes below the main one, by how the newest of them crashed. */
  meansBelow(newest: CrashEnd | null): CaptureMeans | null {
    return this.#watch.isRunning ? this.#meansAfter(newest) : null;
  }

  /** The exception that ends the worker will be read from outside. */
  get isExitWatched(): boolean {
    return this.#isExitWatched;
  }

  /** A worker was started. Returns immediately. */
  begin(current: RunningWorker): void {
    this.#current = current;
    this.#attach(current, this.means);
  }

  /**
   * The worker has ended. Of one without the probe the exception is kept here: then it counts as armed.
   * @returns its dump, where no fatal signal ended it
   */
  async ended(run: Run): Promise<HeldDump | null> {
    this.#current = null;
    this.#isExitWatched = false;
    const { heldDump, record } = await this.#exitDump.take();
    const { directory, emit } = this.#parts;
    if (record === null || run.armed || directory === null) return heldDump;
    try {
      keepRecords(ensureRaw(directory, run.id), [record]);
      run.armed = true;
    } catch (error) {
      emit({ event: 'problem', message: `A capture could not be kept: ${(error as Error).message}.` });
    }
    return heldDump;
  }

  /** After a start of the agent, a report, or what a person did. */
  review(): void {
    this.#watch.review();
  }

  end(): void {
    this.#watch.end();
  }

  #meansAfter(last: CrashEnd | null): CaptureMeans | null {
    const { runtime, options } = this.#parts;
    return options.attachDebugger ? sessionMeans({ last, runtime: runtime() }) : null;
  }

  #attach({ run, worker }: RunningWorker, means: CaptureMeans | null): void {
    const { native, detach, onDebugger } = this.#parts;
    if (means === 'exit-watch') {
      // A process can have one tracer.
      void detach().then(() => {
        if (this.#current?.worker !== worker) return;
        this.#exitDump.begin(worker, run.startedAt.wallMs, (isWatched) => {
          this.#isExitWatched = isWatched;
          onDebugger({ state: 'not-attached', reason: isWatched ? INSTEAD : 'its exit cannot be watched' });
        });
      });
    } else if (run.armed || means === 'debugger') native.begin(worker);
    else void native.release();
  }

  /** A session has begun, or is over: then the debugger stays where the app is armed anyway. */
  #changed(): void {
    const { native, detach, isArmed, options, onChange } = this.#parts;
    const current = this.#current;
    onChange();
    if (current === null || !options.attachDebugger) return;
    const { means } = this;
    if (means !== null) this.#attach(current, means);
    else {
      const left = this.#exitDump.leave();
      this.#isExitWatched = false;
      if (!isArmed()) void detach();
      else if (current.run.armed)
        void left.then(() => this.#current === current && native.begin(current.worker));
    }
  }
}
