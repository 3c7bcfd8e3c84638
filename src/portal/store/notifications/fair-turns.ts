/** Round robin by key: the key served longest ago comes first. Each process takes turns on its own. */
export class FairTurns {
  readonly #served = new Map<string, number>();
  #turn = 0;

  /** Forgets keys that no longer wait. */
  inOrder<Item>(waiting: readonly Item[], keyOf: (item: Item) => string): Item[] {
    const keys = new Set(waiting.map(keyOf));
    for (const key of this.#served.keys()) if (!keys.has(key)) this.#served.delete(key);
    return waiting.toSorted((a, b) => this.#servedAt(keyOf(a)) - this.#servedAt(keyOf(b)));
  }

  served(key: string): void {
    this.#turn++;
    this.#served.set(key, this.#turn);
  }

  #servedAt(key: string): number {
    return this.#served.get(key) ?? 0;
  }
}
