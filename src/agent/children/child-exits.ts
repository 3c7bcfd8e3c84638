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

  async watch(target: { pid: number; startTicks: number }): ReturnType<ExitSource['watch']> {
    this.#started ??= this.#watch.start();
    return (await this.#started) ?? this.#watch.watch(target, { hold: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch.end();
  }
}
