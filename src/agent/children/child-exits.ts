import { ExitWatch } from '../../exit-watch/exit-watch.ts';
import type { UncaughtReader } from '../../exit-watch/uncaught-reader.ts';
import type { Emit } from '../agent-event.ts';
import type { ExitSource } from './child-exit.ts';

/** The exit watch of a run's other processes; its helper is started with the first that is watched. */
export class ChildExits implements ExitSource, AsyncDisposable {
  readonly #watch: ExitWatch;
  #started: ReturnType<ExitWatch['start']> | null = null;
  #reader: Promise<UncaughtReader> | null = null;

  constructor(emit: Emit) {
    this.#watch = new ExitWatch({ onProblem: (message) => emit({ event: 'problem', message }) });
  }

  async watch(...[target]: Parameters<ExitSource['watch']>): ReturnType<ExitSource['watch']> {
    this.#started ??= this.#watch.start();
    const failure = await this.#started;
    return failure ?? (await this.#watch.watch(target, { hold: true }));
  }

  /** The agent of an app that is well does not have its code. */
  reader(): Promise<UncaughtReader> {
    this.#reader ??= import('../../exit-watch/uncaught-reader.ts').then(
      ({ UncaughtReader }) => new UncaughtReader(this.#watch),
    );
    return this.#reader;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch.end();
  }
}
