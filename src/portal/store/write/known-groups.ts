const KEPT = 20_000;

/** Caches the group of each value of a signature; it never changes once it is stored. */
export class KnownGroups {
  readonly #groups = new Map<string, string>();

  get(key: string): string | undefined {
    return this.#groups.get(key);
  }

  /** Values of folded groups have no group any more. */
  forget(appId: number, groups: ReadonlySet<string>): void {
    const prefix = `[${appId},`;
    for (const [key, group] of this.#groups) {
      if (key.startsWith(prefix) && groups.has(group)) this.#groups.delete(key);
    }
  }

  /** Only after the transaction that stored them. */
  add(groups: ReadonlyMap<string, string>): void {
    for (const [key, group] of groups) this.#groups.set(key, group);
    for (const key of this.#groups.keys()) {
      if (this.#groups.size <= KEPT) return;
      this.#groups.delete(key);
    }
  }
}
