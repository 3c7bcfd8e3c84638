/**
 * How much each key can use for long (`perSecond`) and at once (`burst`). A key with anything left can go below zero
 * once, so that a batch of any size passes at some time.
 */
export class TokenBuckets {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #maxKeys: number;
  /** Least recently used first. */
  readonly #buckets = new Map<string, { level: number; atMs: number }>();

  constructor({
    perSecond,
    burst,
    maxKeys = 10_000,
  }: { perSecond: number; burst: number; maxKeys?: number }) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#maxKeys = maxKeys;
  }

  /** Milliseconds until the key may use something again; 0: now. */
  waitMs(key: string, nowMs: number): number {
    const level = this.#level(key, nowMs);
    return level > 0 ? 0 : Math.ceil(((1 - level) / this.#perSecond) * 1000);
  }

  take(key: string, amount: number, nowMs: number): void {
    const level = this.#level(key, nowMs) - amount;
    this.#buckets.delete(key);
    this.#buckets.set(key, { level, atMs: nowMs });
    // A dropped key starts with a full bucket: memory is bounded first.
    if (this.#buckets.size > this.#maxKeys) this.#buckets.delete(this.#buckets.keys().next().value ?? '');
  }

  #level(key: string, nowMs: number): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#burst;
    const seconds = Math.max(0, nowMs - bucket.atMs) / 1000;
    return Math.min(this.#burst, bucket.level + seconds * this.#perSecond);
  }
}
