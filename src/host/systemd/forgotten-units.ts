/** By then the reports of exits are made, one after the other. */
const REPORTED_MS = 60_000;
/** More than end between two readings of the journal. */
const MAX_STORED = 5_000;

/** Units of which the journal shows exits when systemd has forgotten them: nothing else would end what follows them then. */
export class ForgottenUnits {
  readonly #known: Pick<ReadonlyMap<string, unknown>, 'has'>;
  readonly #leave: (unit: string) => void;
  /** The newest runs whose exit is stored, by invocation. */
  readonly #stored = new Set<string>();

  /**
   * @param known units that systemd knows
   * @param leave ends what follows a unit, and closes what that has open
   */
  constructor(known: Pick<ReadonlyMap<string, unknown>, 'has'>, leave: (unit: string) => void) {
    this.#known = known;
    this.#leave = leave;
  }

  stored(invocationId: string): void {
    this.#stored.add(invocationId);
    for (const oldest of this.#stored) {
      if (this.#stored.size <= MAX_STORED) break;
      this.#stored.delete(oldest);
    }
  }

  /** Reported again, it would only open again all that exits of the unit are stored with. */
  isDone(unit: string, invocationId: string): boolean {
    return this.#stored.has(invocationId) && !this.#known.has(unit);
  }

  /** Exits of these are stored. */
  leaveLater(units: Iterable<string>): void {
    const forgotten = [...new Set(units)].filter((unit) => !this.#known.has(unit));
    if (forgotten.length === 0) return;
    setTimeout(() => {
      for (const unit of forgotten) if (!this.#known.has(unit)) this.#leave(unit);
    }, REPORTED_MS).unref();
  }
}
