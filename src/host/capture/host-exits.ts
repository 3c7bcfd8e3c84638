import type { ExitSource } from '../../agent/children/child-exit.ts';
import { ExitWatch } from '../../exit-watch/exit-watch.ts';
import { UncaughtReader } from '../../exit-watch/uncaught-reader.ts';
import type { WatchFailure } from '../../exit-watch/watch-failure.ts';
import type { WatchTarget } from '../../exit-watch/watch-target.ts';
import type { WatchedExit } from '../../exit-watch/watched-exit.ts';

type Shared = {
  watched: Promise<WatchedExit | WatchFailure>;
  users: number;
  leaving: Promise<void> | null;
};

/**
 * The exit watch of a whole host: one helper, started with the first process. Several can watch one process, each with its
 * own `leave`.
 */
export class HostExits implements ExitSource {
  readonly #watch: ExitWatch;
  readonly uncaught: UncaughtReader;
  readonly #shared = new Map<string, Shared>();
  #started: ReturnType<ExitWatch['start']> | null = null;

  constructor(onProblem: (message: string) => void) {
    this.#watch = new ExitWatch({ onProblem });
    this.uncaught = new UncaughtReader(this.#watch);
  }

  /** Watches a process until it ends. @returns why it is not watched; this had no effect on the process */
  async watch(target: WatchTarget): Promise<WatchedExit | WatchFailure> {
    const failure = await this.#start();
    if (failure !== null) return failure;
    const key = `${target.pid}/${target.startTicks}`;
    let shared = this.#shared.get(key);
    // A process can be watched again once it was left.
    for (; shared !== undefined && shared.leaving !== null; shared = this.#shared.get(key))
      await shared.leaving;
    shared ??= this.#share(key, target);
    shared.users += 1;
    const watched = await shared.watched;
    return 'failed' in watched ? watched : this.#partOf(key, shared, watched);
  }

  async reader(): Promise<UncaughtReader> {
    return this.uncaught;
  }

  /** The first exception takes longer to read: before one is expected, the code runs once. */
  async warmUp(): Promise<void> {
    if ((await this.#start()) === null) await this.uncaught.selfTest();
  }

  /** Frees all that is watched. */
  async end(): Promise<void> {
    await this.#watch.end();
  }

  #start(): ReturnType<ExitWatch['start']> {
    this.#started ??= this.#watch.start();
    return this.#started;
  }

  #share(key: string, target: WatchTarget): Shared {
    const shared: Shared = { watched: this.#watch.watch(target, { hold: true }), users: 0, leaving: null };
    this.#shared.set(key, shared);
    void shared.watched
      .then((watched) => ('failed' in watched ? null : watched.exited))
      .then(() => {
        if (this.#shared.get(key) === shared) this.#shared.delete(key);
      });
    return shared;
  }

  #partOf(key: string, shared: Shared, watched: WatchedExit): WatchedExit {
    let hasLeft = false;
    let left: (end: null) => void = () => {};
    const leaving = new Promise<null>((resolve) => {
      left = resolve;
    });
    return {
      ...watched,
      exited: Promise.race([watched.exited, leaving]),
      onHeld: (callback) => watched.onHeld((held) => (hasLeft ? undefined : callback(held))),
      leave: async () => {
        if (hasLeft) return;
        hasLeft = true;
        shared.users -= 1;
        if (shared.users === 0 && this.#shared.get(key) === shared) {
          shared.leaving = watched.leave();
          await shared.leaving;
        }
        left(null);
      },
    };
  }
}
