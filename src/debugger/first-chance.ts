import { parseSignalInfo, type SignalInfo } from '../formats/procfs/signal-info.ts';
import { pointersOf, type RegisterLayout } from '../formats/rsp/register-layout.ts';
import { type FaultPlace, isInHandlerOf, isSamePlace } from './handler-frame.ts';
import type { HeldThreads } from './held-threads.ts';
import { LiveMemory } from './live-memory.ts';
import type { FatalCapture, OnFatal } from './session.ts';
import { takeSnapshot } from './snapshot-taker.ts';
import type { TargetReader } from './target-reader.ts';
import { isOwnId, readStatus, readThreads } from './traced-process.ts';

/** Share of the hold that waiting for the other threads to stop can take. */
const SHARE_OF_STOPPING = 0.3;
const SHARE_OF_REGISTERS = 0.6;

export type CaptureOutcome = 'captured' | 'raised-by-handler' | 'late' | 'failed';

type LastCapture<C> = {
  capture: FatalCapture<C>;
  place: FaultPlace;
  /** The kernel raised the signal; otherwise a process sent it. */
  isFault: boolean;
  /** The signal that can end the process as a consequence. */
  signals: Set<number>;
};

export type HeldProcess<C> = {
  readonly pid: number;
  /** How long it can be held now, in milliseconds. */
  limitMs(): number;
  readonly onFatal: OnFatal<C>;
  readonly reader: TargetReader;
  readonly held: HeldThreads;
  layout(): Promise<RegisterLayout>;
  /** Asks the other threads, of which there are `count`, to stop. */
  stopOthers(count: number): Promise<void>;
};

/**
 * Captures a process when a fatal signal reaches one of its threads, and keeps the capture until it is known whether
 * the signal ends the process.
 */
export class FirstChance<C> {
  readonly #process: HeldProcess<C>;
  #last: LastCapture<C> | null = null;

  constructor(process: HeldProcess<C>) {
    this.#process = process;
  }

  get lastCapture(): FatalCapture<C> | null {
    return this.#last?.capture ?? null;
  }

  /** The capture of a process that `signal` has ended. */
  captureFor(signal: number | null): FatalCapture<C> | null {
    return signal !== null && this.#last?.signals.has(signal) ? this.#last.capture : null;
  }

  /** Settles within the limit; never rejects. `startMs`: when the stop was seen, by performance.now(). */
  async capture(tid: number, signal: number, handled: boolean, startMs: number): Promise<CaptureOutcome> {
    const limitMs = this.#process.limitMs();
    const untilMs = startMs + limitMs;
    const over = new AbortController();
    const late = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => late.resolve('late'), limitMs);
    using memory = new LiveMemory(this.#process.pid, untilMs);
    try {
      return await Promise.race([
        this.#capture({ tid, signal, handled, startMs, limitMs, untilMs, memory, over: over.signal }),
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
    limitMs: number;
    untilMs: number;
    memory: LiveMemory;
    over: AbortSignal;
  }): Promise<CaptureOutcome> {
    const { tid, signal, handled, startMs, limitMs, untilMs, memory, over } = stop;
    const { pid, reader, held } = this.#process;
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
    const info = siginfo === null ? null : parseSignalInfo(siginfo);
    const stoppedMs = startMs + limitMs * SHARE_OF_STOPPING;
    if (info !== null && (await this.#isRaisedByHandler(place, info, memory, stoppedMs))) {
      this.#last?.signals.add(signal);
      return 'raised-by-handler';
    }
    await held.allStopped(tids, stoppedMs);
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
    const capture = { signal, tid, handled, value, holdMs };
    this.#last = { capture, place, isFault: info?.senderPid === null, signals: new Set([signal]) };
    return 'captured';
  }

  /**
   * A signal that the handler of the last fault sends belongs to that fault. Its own thread gets it within the handler,
   * or back at the fault where the handler had it blocked (Node). Another thread can get it if it is sent to the whole
   * process.
   */
  async #isRaisedByHandler(
    place: FaultPlace,
    { senderPid }: SignalInfo,
    memory: LiveMemory,
    stoppedMs: number,
  ): Promise<boolean> {
    const last = this.#last;
    if (last === null || senderPid === null) return false;
    const read = (address: bigint, length: number) => memory.read(address, length);
    if (last.place.tid === place.tid) {
      const isBack =
        isSamePlace(last.place, place) && (last.isFault || isOwnId(this.#process.pid, senderPid));
      return isBack || isInHandlerOf(last.place, place.stackPointer, read);
    }
    const stackPointer = await this.#stackPointerOf(last.place.tid, stoppedMs);
    return stackPointer !== null && isInHandlerOf(last.place, stackPointer, read);
  }

  async #stackPointerOf(tid: number, stoppedMs: number): Promise<bigint | null> {
    const { pid, reader, held } = this.#process;
    if (!readThreads(pid).includes(tid)) return null;
    await held.allStopped([tid], stoppedMs);
    if (!held.tids.includes(tid)) return null;
    const layout = await this.#process.layout();
    return pointersOf(layout.machine, layout.general(await reader.registers(tid))).stackPointer;
  }
}

/** A first thread that has ended stays as a zombie while others run, and stops no more. */
function runnableThreads(pid: number): number[] {
  const ended = readStatus(pid)?.state === 'Z';
  return readThreads(pid).filter((tid) => tid !== pid || !ended);
}
