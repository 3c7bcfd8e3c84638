const HOUR_MS = 3_600_000;
const MOST_KEYS = 1_000;
const MOST_ROUTES = 8;

type Counted = { sinceMs: number; times: number; routes: Set<string> };

/**
 * Which refusals are written to the audit log. A program that repeats a refused request must not fill the log, and an attack must not
 * hide behind such a program: of each hour the first is written, the first on each of 8 routes, then the 10th, the 100th and so on.
 */
export class RefusalCounts {
  /** Oldest first. */
  readonly #counted = new Map<string, Counted>();

  /**
   * @param key who was refused, and why
   * @returns how often within an hour, if this one is to be written
   */
  note(key: string, route: string, nowMs: number): number | null {
    const counted = this.#current(key, nowMs);
    counted.times++;
    const isNewRoute = counted.routes.size < MOST_ROUTES && !counted.routes.has(route);
    if (isNewRoute) counted.routes.add(route);
    return isNewRoute || /^10+$/.test(String(counted.times)) ? counted.times : null;
  }

  /** It could not be written: the next one is. */
  forget(key: string): void {
    this.#counted.get(key)?.routes.clear();
  }

  #current(key: string, nowMs: number): Counted {
    const found = this.#counted.get(key);
    if (found !== undefined && nowMs - found.sinceMs < HOUR_MS) return found;
    const counted = { sinceMs: nowMs, times: 0, routes: new Set<string>() };
    this.#counted.delete(key);
    this.#counted.set(key, counted);
    if (this.#counted.size > MOST_KEYS) this.#counted.delete(this.#counted.keys().next().value ?? '');
    return counted;
  }
}
