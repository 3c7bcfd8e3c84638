import { parseSignalInfo } from '../formats/procfs/signal-info.ts';
import { pointersOf, type RegisterLayout } from '../formats/rsp/register-layout.ts';
import { type FaultPlace, isInHandlerOf } from './handler-frame.ts';
import type { HeldThreads } from './held-threads.ts';
import { LiveMemory } from './live-memory.ts';
import type { FatalCapture, OnFatal } from './session.ts';
import { takeSnapshot } from './snapshot-taker.ts';
import type { TargetReader } from './target-reader.ts';
import { readStatus, readThreads } from './traced-process.ts';

/** Of the time that a process may be held, what waiting for its other threads to stop may take. */
const SHARE_OF_STOPPING = 0.3;
const SHARE_OF_REGISTERS = 0.6;

export type CaptureOutcome = 'captured' | 'raised-by-handler' | 'late' | 'failed';

export type HeldProcess<C> = {
  readonly pid: number;
  readonly limitMs: number;
  readonly onFatal: OnFatal<C>;
  readonly reader: TargetReader;
  readonly held: HeldThreads;
  layout(): Promise<RegisterLayout>;
  /** Asks the other threads, of which there are `count`, to stop. */
  stopOthers(count: number): Promise<void>;
};

/**
 * Captures a process at the moment a fatal signal reaches one of its threads, and remembers the capture until it is
 * known whether the process dies of it.
 */
export class FirstChance<C> {
  readonly #process: HeldProcess<C>;
  #last: { capture: FatalCapture<C>; place: FaultPlace; signals: Set<number> } | null = null;

  constructor(process: HeldProcess<C>) {
    this.#process = process;
  }

  get lastCapture(): FatalCapture<C> | null {
    return this.#last?.capture ?? null;
  }

  /** What was captured of a process that has died of `signal`. */
  captureFor(signal: number | null): FatalCapture<C> | null {
    return signal !== null && this.#last?.signals.has(signal) ? this.#last.capture : null;
  }

  /** Settles within the limit; never rejects. `startMs`: when the stop was seen, by performance.now(). */
  async capture(tid: number, signal: number, handled: boolean, startMs: number): Promise<CaptureOutcome> {
    const untilMs = startMs + this.#process.limitMs;
    const over = new AbortController();
    const late = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => late.resolve('late'), this.#process.limitMs);
    using memory = new LiveMemory(this.#process.pid, untilMs);
    try {
      return await Promise.race([
        this.#capture({ tid, signal, handled, startMs, untilMs, memory, over: over.signal }),
        late.promise,
      ]);
    } catch {
      return 'failed';
    } finally {
      clearTimeout(timer);
      over.abort();
    }
  }

  async #capture(stop: {
    tid: number;
    signal: number;
    handled: boolean;
    startMs: number;
    untilMs: number;
    memory: LiveMemory;
    over: AbortSignal;
  }): Promise<CaptureOutcome> {
    const { tid, signal, handled, startMs, untilMs, memory, over } = stop;
    const { pid, limitMs, reader, held } = this.#process;
    const tids = runnableThreads(pid);
    const stopping = this.#process.stopOthers(tids.filter((other) => other !== tid).length);
    const [answer, siginfo, layout] = await Promise.all([
      reader.registers(tid),
      reader.signalInfo(tid).catch(() => null),
      this.#process.layout(),
      stopping,
    ]);
    const pointers = pointersOf(layout.machine, layout.general(answer));
    const place = { tid, ...pointers };
    if (this.#isRaisedByHandler(place, siginfo, memory)) {
      this.#last?.signals.add(signal);
      return 'raised-by-handler';
    }
    await held.allStopped(tids, startMs + limitMs * SHARE_OF_STOPPING);
    if (over.aborted) return 'late';
    const snapshot = await takeSnapshot({
      pid,
      signal,
      crashing: { tid, answer, siginfo },
      stopped: held.tids,
      layout,
      reader,
      memory,
      until: startMs + limitMs * SHARE_OF_REGISTERS,
    });
    if (over.aborted) return 'late';
    const missingThreads = Math.max(0, tids.length - snapshot.threads.length);
    const value = await this.#process.onFatal(snapshot, { untilMs, handled, missingThreads, signal: over });
    if (over.aborted) return 'late';
    const holdMs = performance.now() - startMs;
    this.#last = { capture: { signal, tid, handled, value, holdMs }, place, signals: new Set([signal]) };
    return 'captured';
  }

  /** A signal that the handler of the last fault sends its own thread belongs to that fault. */
  #isRaisedByHandler(place: FaultPlace, siginfo: Uint8Array | null, memory: LiveMemory): boolean {
    if (this.#last === null || this.#last.place.tid !== place.tid || siginfo === null) return false;
    const info = parseSignalInfo(siginfo);
    if (info === null || info.senderPid === null) return false;
    return isInHandlerOf(this.#last.place, place.stackPointer, (address, length) =>
      memory.read(address, length),
    );
  }
}

/** A first thread that has ended stays as a zombie while others run, and stops no more. */
function runnableThreads(pid: number): number[] {
  const ended = readStatus(pid)?.state === 'Z';
  return readThreads(pid).filter((tid) => tid !== pid || !ended);
}
