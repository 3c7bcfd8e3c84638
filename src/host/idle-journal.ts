import type { JournalAccess } from '../agent/memory.ts';
import type { Journal } from '../journal/journal.ts';
import { openJournal } from '../journal/open-journal.ts';
import type { Slot } from '../journal/slot.ts';

/** Longer than what follows a crash at once. An open journal takes 0.4 MB. */
const IDLE_MS = 10_000;

/** The journal of an app that mostly does nothing: open while it is used, so that hundreds fit into one process. */
export class IdleJournal implements JournalAccess {
  readonly #slot: Slot;
  readonly #app: string;
  readonly #onProblem: (message: string) => void;
  #journal: Journal | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(slot: Slot, app: string, onProblem: (message: string) => void) {
    this.#slot = slot;
    this.#app = app;
    this.#onProblem = onProblem;
  }

  get(): Journal {
    if (this.#timer === null) this.#timer = setTimeout(() => this.close(), IDLE_MS).unref();
    else this.#timer.refresh();
    if (this.#journal !== null) return this.#journal;
    const { directory, instance } = this.#slot;
    this.#journal = openJournal(directory, { app: this.#app, instance }, Date.now());
    for (const message of this.#journal.problems) this.#onProblem(message);
    return this.#journal;
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const journal = this.#journal;
    this.#journal = null;
    try {
      journal?.checkpoint();
    } catch {
      // What is not checkpointed is in the log.
    }
    journal?.close();
  }
}
