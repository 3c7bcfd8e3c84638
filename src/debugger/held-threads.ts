import { toTargetSignal } from '../formats/rsp/target-signal.ts';
import { formatThreadId } from '../formats/rsp/thread-id.ts';

/** The stopped threads of a process, each with the signal that it gets when it continues (0 for none). */
export class HeldThreads {
  readonly #pid: number;
  readonly #signals = new Map<number, number>();
  readonly #waiters = new Set<() => void>();

  constructor(pid: number) {
    this.#pid = pid;
  }

  get size(): number {
    return this.#signals.size;
  }

  get tids(): number[] {
    return [...this.#signals.keys()];
  }

  add(tid: number, signal: number): void {
    this.#signals.set(tid, signal);
    for (const wake of this.#waiters) wake();
  }

  clear(): void {
    this.#signals.clear();
  }

  /** The first thread with a signal that `is`. */
  find(is: (signal: number, tid: number) => boolean): { tid: number; signal: number } | null {
    for (const [tid, signal] of this.#signals) if (is(signal, tid)) return { tid, signal };
    return null;
  }

  /** Settles when all of `tids` are stopped, or at `until` (of performance.now). */
  async allStopped(tids: readonly number[], until: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => {
      if (tids.every((tid) => this.#signals.has(tid))) resolve();
    };
    const timer = setTimeout(resolve, Math.max(0, until - performance.now()));
    this.#waiters.add(check);
    check();
    await promise;
    this.#waiters.delete(check);
    clearTimeout(timer);
  }

  /** The request that continues all, each with its signal; from then on they count as running. */
  release(): string {
    const withSignal = [...this.#signals].flatMap(([tid, signal]) => {
      const number = signal === 0 ? null : toTargetSignal(signal);
      const thread = formatThreadId({ pid: this.#pid, tid });
      return number === null ? [] : [`C${number.toString(16).padStart(2, '0')}:${thread}`];
    });
    this.#signals.clear();
    return ['vCont', ...withSignal, `c:${formatThreadId({ pid: this.#pid, tid: -1 })}`].join(';');
  }
}
