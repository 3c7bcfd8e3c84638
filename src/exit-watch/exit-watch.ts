import { adoptWorker } from '../worker/adopt.ts';
import { isAlive } from '../worker/process-info.ts';
import { readHeld } from './held-process.ts';
import type { HelperEvent } from './helper-lines.ts';
import { helperPath } from './helper-path.ts';
import { HelperRuns } from './helper-runs.ts';
import { refusal, type WatchFailure, watchFailure } from './watch-failure.ts';
import type { WatchTarget } from './watch-target.ts';
import { Watched, type WatchedExit } from './watched-exit.ts';

export type ExitWatchOptions = {
  /** Path of the helper; that of this package by default. */
  readonly helper?: string;
  /** Something failed that no caller sees: a callback threw, or the helper cannot be started again. */
  readonly onProblem?: (message: string) => void;
  /** Waits before a lost helper is started again, by how many were lost within a minute. */
  readonly backOffMs?: readonly number[];
};

/**
 * Reports how processes end, which need not be our children, and shows their memory at that moment, without stopping them
 * before. One small program does it for all (`watch.c`). Whatever becomes of it or of us, they run on; if it is killed, it
 * is started again and takes up those that are alive.
 */
export class ExitWatch implements AsyncDisposable {
  readonly #helper: HelperRuns;
  readonly #onProblem: (message: string) => void;
  readonly #watched = new Map<number, Watched>();
  #isOver = false;

  constructor(options: ExitWatchOptions = {}) {
    this.#onProblem = options.onProblem ?? (() => {});
    this.#helper = new HelperRuns({
      path: options.helper ?? helperPath(),
      ...(options.backOffMs === undefined ? {} : { backOffMs: options.backOffMs }),
      onEvent: (event) => this.#heard(event),
      onLost: () => this.#lost(),
      onStarted: () => this.#started(),
      onFailed: (problem) => this.#failed(problem),
    });
  }

  /** Starts the helper, once. null, or why there is none: then every `watch` fails, too. */
  async start(): Promise<WatchFailure | null> {
    const problem = this.#helper.isStarted ? null : await this.#helper.start();
    return problem === null ? null : watchFailure('no-helper', `cannot start the exit watch: ${problem}`);
  }

  /**
   * Watches a process until it ends. With `hold` it is held at its exit for `onHeld`.
   * @returns why it is not watched; this had no effect on the process
   */
  async watch(target: WatchTarget, { hold }: { hold: boolean }): Promise<WatchedExit | WatchFailure> {
    const { pid } = target;
    if (this.#isOver) return watchFailure('ended', 'the exit watch has ended');
    if (!this.#helper.isStarted) return watchFailure('no-helper', 'the exit watch is not started');
    const before = this.#watched.get(pid);
    if (before?.isLeaving === true) await before.exited;
    if (this.#watched.has(pid)) return watchFailure('already-traced', `process ${pid} is watched already`);
    const watched = new Watched(target, hold);
    this.#watched.set(pid, watched);
    this.#helper.send(watched.command);
    const failure = await watched.answered;
    if (failure !== null) return failure;
    return {
      ...watched.target,
      exited: watched.exited,
      onHeld: (callback) => void watched.callbacks.push(callback),
      leave: () => this.#leave(watched),
    };
  }

  /** Frees all that is watched, without stopping it, and ends the helper. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#helper.end();
    const failure = watchFailure('ended', 'the exit watch has ended');
    for (const watched of this.#watched.values()) this.#refuse(watched, failure);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #leave(watched: Watched): Promise<void> {
    watched.isLeaving = true;
    // Then the helper does not know it.
    if (this.#helper.pid === null || watched.isUnwatched) this.#finish(watched, null);
    else this.#helper.send(`leave ${watched.target.pid}`);
    await watched.exited;
  }

  #heard(event: HelperEvent): void {
    const watched = event.type === 'ready' ? undefined : this.#watched.get(event.pid);
    if (watched === undefined) return;
    switch (event.type) {
      case 'watching':
        watched.answer(null);
        break;
      case 'refused':
        if (watched.isAnswered) this.#followUnwatched(watched);
        else this.#refuse(watched, refusal(watched.target.pid, event.errno));
        break;
      case 'held':
        this.#read(watched, event);
        break;
      case 'exit':
        this.#finish(watched, event.status);
        break;
      case 'left':
        this.#finish(watched, null);
        break;
      case 'gone':
        this.#followUnwatched(watched);
    }
  }

  #read(watched: Watched, event: HelperEvent & { type: 'held' }): void {
    watched.heldStatus = event.status;
    try {
      readHeld(watched.target, this.#helper.pid, event, watched.callbacks, (error) => {
        this.#onProblem(`reading process ${watched.target.pid} at its exit failed: ${error.message}`);
      });
    } finally {
      this.#helper.send(`go ${watched.target.pid}`);
    }
  }

  #finish(watched: Watched, status: Parameters<Watched['settle']>[0]): void {
    if (this.#watched.get(watched.target.pid) === watched) this.#watched.delete(watched.target.pid);
    watched.settle(status);
  }

  #refuse(watched: Watched, failure: WatchFailure): void {
    this.#finish(watched, null);
    watched.answer(failure);
  }

  /** It was watched, and cannot be any more: only that it ended can be known. */
  #followUnwatched(watched: Watched): void {
    if (watched.isLeaving) {
      this.#finish(watched, null);
      return;
    }
    watched.isUnwatched = true;
    const { pid, startTicks } = watched.target;
    void adoptWorker(pid, startTicks).exited.then((status) => this.#finish(watched, status));
  }

  /** While there was no helper. */
  #ended(watched: Watched): void {
    this.#finish(watched, watched.heldStatus ?? { type: 'unknown' });
  }

  #lost(): void {
    for (const watched of this.#watched.values()) {
      if (watched.isLeaving) this.#finish(watched, null);
    }
  }

  #started(): void {
    for (const watched of this.#watched.values()) {
      const { pid, startTicks } = watched.target;
      if (watched.isLeaving) this.#finish(watched, null);
      else if (isAlive(pid, startTicks) || !watched.isAnswered) this.#helper.send(watched.command);
      else this.#ended(watched);
    }
  }

  #failed(problem: string): void {
    const failure = watchFailure('no-helper', `cannot start the exit watch: ${problem}`);
    this.#onProblem(failure.message);
    for (const watched of this.#watched.values()) {
      const { pid, startTicks } = watched.target;
      if (!watched.isAnswered) this.#refuse(watched, failure);
      else if (!isAlive(pid, startTicks)) this.#ended(watched);
    }
  }
}
