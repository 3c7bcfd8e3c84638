import type { ExitStatus } from '../model/exit.ts';
import type { HeldProcess } from './held-process.ts';
import type { WatchFailure } from './watch-failure.ts';
import type { WatchTarget } from './watch-target.ts';

/** How a watched process ended. `unknown` if the helper was lost meanwhile. `atMs`: time of day, `monotonicMs`: of `performance.now()`. */
export type WatchedEnd = { readonly status: ExitStatus; readonly atMs: number; readonly monotonicMs: number };

/** A process whose exit will be reported. */
export type WatchedExit = WatchTarget & {
  /** Settles once it has ended; null if it was left, or the watch ended, before. Never rejects. */
  readonly exited: Promise<WatchedEnd | null>;
  /**
   * Calls back at the exit, while the process is held, if `hold` was asked for; there can be several callbacks, in the order
   * of the calls. The process waits for the return, for
   * 100 ms at most, so do nothing asynchronous. It comes before `exited` settles. It is not promised: a process that
   * ends while the helper is being started again is not held. What it throws is reported to `onProblem`.
   */
  onHeld(callback: (held: HeldProcess) => void): void;
  /** Detaches. The process runs on, for which it is stopped for a moment. */
  leave(): Promise<void>;
};

/** What `ExitWatch` knows of one process. */
export class Watched {
  readonly target: WatchTarget;
  readonly exited: Promise<WatchedEnd | null>;
  /** null: it is watched. */
  readonly answered: Promise<WatchFailure | null>;
  /** The command for the helper. */
  readonly command: string;
  /** As it was held at its exit. */
  heldStatus: ExitStatus | null = null;
  readonly callbacks: ((held: HeldProcess) => void)[] = [];
  isLeaving = false;
  /** Another helper could not take it up: only that it ended will be known. */
  isUnwatched = false;
  isAnswered = false;
  #settle: (end: WatchedEnd | null) => void = () => {};
  #answer: (failure: WatchFailure | null) => void = () => {};

  constructor({ pid, startTicks }: WatchTarget, hold: boolean) {
    this.target = { pid, startTicks };
    this.command = `watch ${pid} ${startTicks} ${hold ? 'e' : 'x'}`;
    this.exited = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.answered = new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  answer(failure: WatchFailure | null): void {
    this.isAnswered = true;
    this.#answer(failure);
  }

  /** null: it is no longer watched. */
  settle(status: ExitStatus | null): void {
    const now = { atMs: Date.now(), monotonicMs: performance.now() };
    this.#settle(status === null ? null : { status, ...now });
  }
}
