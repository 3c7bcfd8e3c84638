import type { JournalAccess } from '../agent/memory.ts';
import type { Journal } from '../journal/journal.ts';
import { openJournal } from '../journal/open-journal.ts';
import type { Slot } from '../journal/slot.ts';

/** Longer than what follows a crash at once. An open journal takes 0.4 MB. */
const IDLE_MS = 10_000;
/** In a crash loop it is never idle: until then old exits stay. The log is as long as a few dozen exits. */
const CHECKPOINT_EVERY_MS = 60_000;

/** The journal of an app that mostly does nothing: open while it is used, so that hundreds fit into one process. */
export class IdleJournal implements JournalAccess {
  readonly #slot: Slot;
  readonly #app: string;
  readonly #onProblem: (message: string) => void;
  readonly #checkpointEveryMs: number;
  #journal: Journal | null = null;
  #timer: NodeJS.Timeout | null = null;
  #checkpoints: NodeJS.Timeout | undefined;

  constructor(
    slot: Slot,
    app: string,
    onProblem: (message: string) => void,
    checkpointEveryMs = CHECKPOINT_EVERY_MS,
  ) {
    this.#slot = slot;
    this.#app = app;
    this.#onProblem = onProblem;
    this.#checkpointEveryMs = checkpointEveryMs;
  }

  get(): Journal {
    if (this.#timer === null) this.#timer = setTimeout(() => this.close(), IDLE_MS).unref();
    else this.#timer.refresh();
    if (this.#journal !== null) return this.#journal;
    const { directory, instance } = this.#slot;
    this.#journal = openJournal(directory, { app: this.#app, instance }, Date.now(), {
      boundsLog: true,
    });
    for (const message of this.#journal.problems) this.#onProblem(message);
    this.#checkpoints = setInterval(() => this.#checkpoint(), this.#checkpointEveryMs).unref();
    return this.#journal;
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    clearInterval(this.#checkpoints);
    this.#timer = null;
    this.#checkpoint();
    const journal = this.#journal;
    this.#journal = null;
    journal?.close();
  }

  #checkpoint(): void {
    try {
      this.#journal?.checkpoint();
    } catch {
      // What is not checkpointed is in the log.
    }
  }
}
