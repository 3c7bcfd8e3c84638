import { startTracer } from '../../debugger/attach-debugger.ts';
import type { AttachFailure } from '../../debugger/attach-failure.ts';
import type { AttachOptions } from '../../debugger/attach-options.ts';
import { KeptMemory, type KeptSlot } from '../../debugger/kept-memory.ts';
import { obstacle } from '../../debugger/obstacle.ts';
import type { DebuggerSession, SessionEvent } from '../../debugger/session.ts';
import type { Tracer } from '../../debugger/tracer.ts';
import type { V8Layout } from '../../formats/v8/v8-layout.ts';
import type { DebuggerState } from '../../journal/documents.ts';
import { findWorkingProcess } from '../../worker/main-process.ts';
import { unsuitableRuntime } from '../../worker/unsuitable-runtime.ts';
import { type CapturedFault, captureFault } from './capture-fault.ts';
import { readV8LayoutOf } from './read-v8-layout.ts';

export type Found = DebuggerSession<CapturedFault> | AttachFailure | null;

export type WorkingProcessParts = {
  /** Aborted when the debugger is to detach. */
  leaving: AbortSignal;
  onEvent: (event: SessionEvent) => void;
  enter: (state: DebuggerState) => void;
  /** It is held at a fatal signal, which is captured. */
  onHeld?: () => void;
  /** Is all of its memory to be kept? */
  wholeSlot?: () => KeptSlot | null;
};

/** The process of a worker that does the work: finds it, attaches to it, and knows what a capture of it needs. */
export class WorkingProcess {
  readonly #parts: WorkingProcessParts;
  readonly #unsuitable = new Set<number>();
  #v8: V8Layout | null = null;
  #kept: CapturedFault['whole'] = null;
  #isUnknown = false;
  /** null before it is needed. */
  tracer: Tracer | null = null;

  constructor(parts: WorkingProcessParts) {
    this.#parts = parts;
  }

  hooks(): Omit<AttachOptions<CapturedFault>, 'pid'> {
    const { leaving, onEvent, onHeld, wholeSlot } = this.#parts;
    return {
      signal: leaving,
      onFatal: async (snapshot, { missingThreads, untilMs }) => {
        if (this.#isUnknown) this.#v8 = readV8LayoutOf(snapshot.pid);
        const captured = captureFault(snapshot, missingThreads, this.#v8);
        onHeld?.();
        const slot = wholeSlot?.() ?? null;
        if (slot === null) return captured;
        // The process survived the signal before.
        if (this.#kept instanceof KeptMemory) this.#kept.release();
        this.#kept = await KeptMemory.of(snapshot.pid, untilMs, slot);
        return { ...captured, whole: this.#kept };
      },
      onEvent,
    };
  }

  /** null if there is none yet, or no debugger suits it: the next process of a wrapper can be another. */
  async attach(workerPid: number): Promise<Found> {
    const pid = findWorkingProcess(workerPid);
    if (pid === null || this.#unsuitable.has(pid) || this.isUnsuitable(pid)) return null;
    const options = { pid, ...this.hooks() };
    const { leaving } = this.#parts;
    return this.attached(obstacle(pid, leaving) ?? (await this.#usableTracer().attach(options)));
  }

  #usableTracer(): Tracer {
    if (this.tracer?.isOver === false) return this.tracer;
    void this.tracer?.end();
    this.tracer = startTracer();
    return this.tracer;
  }

  attached(session: DebuggerSession<CapturedFault> | AttachFailure): Found {
    if (!('failed' in session)) this.learn(session.pid);
    else if (!['gone', 'first-thread', 'aborted'].includes(session.failed)) {
      this.#parts.enter({ state: 'not-attached', reason: session.message });
    }
    return session;
  }

  /** It executes another program, and it is not yet known which. */
  forget(): void {
    this.#isUnknown = true;
  }

  learn(pid: number): void {
    this.#v8 = readV8LayoutOf(pid);
    this.#isUnknown = false;
  }

  /** Would a debugger slow it down? */
  isUnsuitable(pid: number): boolean {
    const reason = unsuitableRuntime(pid);
    if (reason === null) return false;
    this.#unsuitable.add(pid);
    this.#parts.enter({ state: 'not-attached', reason });
    return true;
  }
}
