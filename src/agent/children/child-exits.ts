import { ExitWatch } from '../../exit-watch/exit-watch.ts';
import type { Emit } from '../agent-event.ts';
import type { ExitSource } from './child-watch.ts';

/** The exit watch of a run's other processes; its helper is started with the first that is watched. */
export class ChildExits implements ExitSource, AsyncDisposable {
  readonly #watch: ExitWatch;
  #started: ReturnType<ExitWatch['start']> | null = null;

  constructor(emit: Emit) {
    this.#watch = new ExitWatch({ onProblem: (message) => emit({ event: 'problem', message }) });
  }

  async watch(...[target, atExit]: Parameters<ExitSource['watch']>): ReturnType<ExitSource['watch']> {
    this.#started ??= this.#watch.start();
    const failure = await this.#started;
    if (failure !== null) return failure;
    const watched = await this.#watch.watch(target, { hold: true });
    if (!('failed' in watched)) watched.onHeld(({ pid }) => atExit(pid));
    return watched;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch.end();
  }
}
