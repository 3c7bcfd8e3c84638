import type { ObservedProgram } from '../model/observed-program.ts';
import { type CommandPlace, programOfCommand } from './observe-program.ts';
import { programBelow } from './program-below.ts';

/** How the program of a worker that was not seen is found, by the command that started it. */
export type FindProgram = 'of-command' | 'below';

/**
 * Finds it with a search in files, which takes milliseconds; of a service whose runs end unseen one after the other only from
 * time to time.
 */
export class NamedPrograms {
  readonly #holdsMs: number;
  readonly #now: () => number;
  readonly #found = new Map<FindProgram, { of: string; atMs: number; program: ObservedProgram | null }>();

  /**
   * @param holdsMs what was found is used again for so long; a file that changes meanwhile is not what ran, by its identity
   * @param now monotonic, in ms
   */
  constructor(holdsMs = 0, now: () => number = () => performance.now()) {
    this.#holdsMs = holdsMs;
    this.#now = now;
  }

  find(how: FindProgram, argv: readonly string[], place: CommandPlace): ObservedProgram | null {
    const { cwd, path, startedAtMs } = place;
    const of = JSON.stringify([argv, cwd, path]);
    let found = this.#found.get(how);
    if (found?.of !== of || this.#now() - found.atMs >= this.#holdsMs) {
      const program = how === 'below' ? programBelow(argv, place) : programOfCommand(argv, place);
      found = { of, atMs: this.#now(), program };
      this.#found.set(how, found);
    }
    return found.program === null ? null : { ...found.program, seenAtMs: startedAtMs };
  }
}
