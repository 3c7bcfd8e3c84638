/** Which units systemd forgets: while it reads all of them again (`daemon-reload`), each is removed, and most come back. */
export class UnitRemovals {
  readonly #onRemoved: (unit: string) => void;
  #isReloading = false;
  readonly #waiting = new Set<string>();

  constructor(onRemoved: (unit: string) => void) {
    this.#onRemoved = onRemoved;
  }

  /** Signal `Reloading`. */
  reloading(isReloading: boolean): void {
    this.#isReloading = isReloading;
    if (isReloading) return;
    for (const unit of this.#waiting) this.#onRemoved(unit);
    this.#waiting.clear();
  }

  /** Signal `UnitNew`. */
  added(unit: string): void {
    this.#waiting.delete(unit);
  }

  /** Signal `UnitRemoved`. */
  removed(unit: string): void {
    if (this.#isReloading) this.#waiting.add(unit);
    else this.#onRemoved(unit);
  }
}
