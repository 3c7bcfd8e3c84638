/** How much of a unit's NRestarts is explained by exits that were reported. */
export type StoredAccount = {
  /** All restarts up to this one are explained, or were counted as missed. */
  restarts: number;
  /** Those above it that are explained. */
  explained: readonly number[];
  /** The newest runs that were reported as ended, by invocation: they can be reported again, and their restarts can still come. */
  ended: readonly string[];
  /** Exits that were reported and whose restart is not known by its number, oldest first: each explains one of the others. */
  unnumbered: readonly UnnumberedExit[];
  /** NRestarts. */
  now: number;
};

/** `atLeast`: its restart has no lower number. */
export type UnnumberedExit = { id: string; atLeast: number };

/** The restart that follows an exit, by its number or the lowest one that it can have; null: none follows a stop. */
export type NextRestart = { number: number } | { atLeast: number } | null;

/** More than that are not remembered by number. */
const MAX_EXPLAINED = 20_000;
/** A crash loop from one reading of the journal to the next. */
const MAX_ENDED = 1_000;
/** Of runs whose exit was read from the journal, and is not read again: the restart of the newest comes later. */
const MAX_READ = 3;

export function newAccount(restarts: number): StoredAccount {
  return { restarts, explained: [], ended: [], unnumbered: [], now: restarts };
}

/**
 * systemd numbers the restarts of a unit. One that follows no exit that was reported is of a run that ended unseen. The
 * journal can be late, so this is only certain once it was read again some time later.
 */
export class RestartAccount {
  #accounted: number;
  readonly #explained: Set<number>;
  #ended: string[];
  /** Those of the journal since systemd began to count, as far as it was read. */
  readonly #logged = new Set<number>();
  #lastLogged = 0;
  /** NRestarts. */
  #now: number;
  #unnumbered: UnnumberedExit[];
  #suspected: { upTo: number; atMs: number } | null = null;

  constructor({ restarts, explained, ended, unnumbered, now }: StoredAccount) {
    this.#accounted = restarts;
    this.#now = now;
    this.#explained = new Set(explained);
    this.#ended = [...ended];
    this.#unnumbered = [...unnumbered];
  }

  /** For certain: which restarts exits without a number explain is not. */
  get isExplained(): boolean {
    return this.#unexplained(this.#now) === 0;
  }

  /** NRestarts, as far as it is known. */
  get now(): number {
    return this.#now;
  }

  get ended(): readonly string[] {
    return this.#ended;
  }

  /** An exit was reported; it can be the same one again, of which more is known. */
  exited(invocationId: string, next: NextRestart): void {
    const isKnown = this.#ended.includes(invocationId);
    if (!isKnown) this.#ended = [...this.#ended, invocationId].slice(-MAX_ENDED);
    if (next === null) return;
    if ('number' in next) {
      this.numbered(new Set([invocationId]));
      this.#explain([next.number]);
      return;
    }
    const { atLeast } = next;
    if (!isKnown) this.#unnumbered = [...this.#unnumbered, { id: invocationId, atLeast }].slice(-MAX_ENDED);
    else
      this.#unnumbered = this.#unnumbered.map((one) =>
        one.id === invocationId ? { ...one, atLeast: Math.max(atLeast, one.atLeast) } : one,
      );
  }

  /** @param restarted runs of which the journal has the restart now; the restart itself is among those of `logged` */
  numbered(restarted: ReadonlySet<string>): void {
    this.#unnumbered = this.#unnumbered.filter(({ id }) => !restarted.has(id));
  }

  /** These exits are not read from the journal again. */
  read(invocations: ReadonlySet<string>): void {
    const [older, newest] = [this.#ended.slice(0, -MAX_READ), this.#ended.slice(-MAX_READ)];
    this.#ended = [...older.filter((id) => !invocations.has(id)), ...newest];
  }

  /** @param restarts those that the journal has, in order: where they do not grow, systemd counts from 0 again */
  logged(restarts: readonly number[]): void {
    for (const restart of restarts) {
      if (restart <= this.#lastLogged) this.#logged.clear();
      if (this.#logged.size < MAX_EXPLAINED) this.#logged.add(restart);
      this.#lastLogged = restart;
    }
    // All of them: NRestarts can be of before the manual start, which the journal shows earlier than D-Bus.
    this.#explain(restarts);
  }

  /**
   * systemd counts from 0 again when the unit is started or stopped manually.
   * @param restarts NRestarts now
   * @param isManual a run follows that systemd did not restart
   * @returns the account of the count before, if that is not explained; else null
   */
  counts(restarts: number, isManual: boolean): RestartAccount | null {
    const isAnew = restarts < this.#now || isManual;
    const left = isAnew && !this.isExplained ? new RestartAccount(this.toStored()) : null;
    this.#now = restarts;
    if (isAnew) {
      this.#accounted = 0;
      this.#unnumbered = this.#unnumbered.map(({ id }) => ({ id, atLeast: 0 }));
      this.#explained.clear();
      this.#suspected = null;
      this.#explain(this.#logged);
    } else this.#explain([]);
    return left;
  }

  /**
   * The journal was read.
   * @param waitMs so long the journal can be late
   * @returns runs that ended unseen, as far as that is certain
   */
  missed(atMs: number, waitMs: number): number {
    const now = this.#now;
    if (this.isExplained) {
      this.#settle(Math.max(now, this.#accounted));
      return 0;
    }
    this.#suspected ??= { upTo: now, atMs };
    const { upTo } = this.#suspected;
    if (atMs - this.#suspected.atMs < waitMs) return 0;
    const missed = this.#missing(upTo);
    this.#settle(Math.max(upTo, this.#accounted));
    return missed;
  }

  toStored(): StoredAccount {
    return {
      ...{ restarts: this.#accounted, explained: [...this.#explained], ended: this.#ended },
      ...{ unnumbered: this.#unnumbered, now: this.#now },
    };
  }

  #explain(restarts: Iterable<number>): void {
    for (const restart of restarts) {
      if (restart > this.#accounted && this.#explained.size < MAX_EXPLAINED) this.#explained.add(restart);
    }
    while (this.#accounted <= this.#now && this.#explained.delete(this.#accounted + 1)) this.#accounted += 1;
  }

  #missing(upTo: number): number {
    const usable = this.#unnumbered.filter(({ atLeast }) => atLeast <= upTo).length;
    return Math.max(0, this.#unexplained(upTo) - usable);
  }

  #unexplained(upTo: number): number {
    const explained = [...this.#explained].filter((restart) => restart <= upTo).length;
    return Math.max(0, upTo - this.#accounted - explained);
  }

  #settle(upTo: number): void {
    let unexplained = this.#unexplained(upTo);
    const left = this.#unnumbered.filter(({ atLeast }) => atLeast > upTo || unexplained-- <= 0);
    // NRestarts can be older than what the journal has.
    this.#unnumbered = left.map(({ id, atLeast }) => ({ id, atLeast: Math.max(atLeast, upTo + 1) }));
    this.#suspected = null;
    this.#accounted = upTo;
    for (const restart of this.#explained) if (restart <= upTo) this.#explained.delete(restart);
  }
}
