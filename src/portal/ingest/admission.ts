import { between, Refusal } from './refusal.ts';

type Bounds = { bytesInFlight: number; requestsInFlight: number; waitingRequests: number; waitMs: number };
type Waiting = { bytes: number; admit: () => void };
type Held = { bytes: number; evict: (() => void) | null };

/** The requests of one token. */
class Holder {
  bytes = 0;
  /** Started and not answered yet. */
  count = 0;
  /** Announced sizes of the bodies of its requests. */
  expected = 0;
  /** Oldest first. */
  readonly requests = new Set<Held>();
  readonly line = new Set<Waiting>();
}

/** The memory of a request until it is answered. */
export type Lease = {
  /** Takes room for bytes that arrived. @throws Refusal 503 without room */
  take(bytes: number): void;
  /** While set, the request loses its room when a token that holds less needs it; then `evict` is called once. */
  evictable(evict: ((refusal: Refusal) => void) | null): void;
  /** Does another request wait for this one's room? */
  isWaitedFor(): boolean;
  release(): void;
};

/**
 * Shares memory and concurrent requests among tokens. Bodies take room as their bytes arrive, whatever size was
 * announced. No token holds more requests than are left for others, so a token without requests always gets a place.
 * When memory is full, the token that holds most loses its newest body. Requests of one token start while their announced
 * sizes fit together; others wait in a queue without being read, and tokens take turns.
 */
export class Admission {
  readonly #bounds: Bounds;
  /** By token; the next one in turn comes first. */
  readonly #holders = new Map<string, Holder>();
  #bytes = 0;
  #requests = 0;
  #waiting = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get requests(): number {
    return this.#requests;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** @param bytes its announced size; takes no room yet @throws Refusal 503 */
  async enter(token: string, bytes: number): Promise<Lease> {
    const holder = this.#holders.get(token) ?? new Holder();
    this.#holders.set(token, holder);
    if (holder.line.size > 0 || !this.#hasPlace(holder, bytes)) await this.#wait(token, holder, bytes);
    else this.#start(holder, bytes);
    return this.#lease(token, holder, bytes);
  }

  async #wait(token: string, holder: Holder, bytes: number): Promise<void> {
    if (holder.line.size >= this.#bounds.waitingRequests - this.#waiting) {
      this.#forget(token, holder);
      throw tooBusy();
    }
    const admitted = Promise.withResolvers<void>();
    const waiting = { bytes, admit: admitted.resolve };
    holder.line.add(waiting);
    this.#waiting++;
    const timer = setTimeout(() => {
      if (!holder.line.delete(waiting)) return;
      this.#waiting--;
      this.#forget(token, holder);
      admitted.reject(tooBusy());
    }, this.#bounds.waitMs);
    try {
      await admitted.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #lease(token: string, holder: Holder, expected: number): Lease {
    const held: Held = { bytes: 0, evict: null };
    holder.requests.add(held);
    return {
      take: (bytes) => {
        this.#makeRoom(holder, held, bytes);
        this.#add(holder, held, bytes);
      },
      evictable: (evict) => {
        held.evict = evict === null ? null : () => evict(tooBusy());
      },
      isWaitedFor: () => holder.line.size > 0 || this.#requests * 4 > this.#bounds.requestsInFlight * 3,
      release: () => {
        if (!holder.requests.delete(held)) return;
        this.#add(holder, held, -held.bytes);
        holder.expected -= expected;
        holder.count--;
        this.#requests--;
        this.#forget(token, holder);
        this.#admitNext();
      },
    };
  }

  /** @throws Refusal 503 if this token holds most */
  #makeRoom(holder: Holder, held: Held, bytes: number): void {
    while (this.#bytes + bytes > this.#bounds.bytesInFlight) {
      // The only request is admitted at any size.
      if (this.#bytes === held.bytes) return;
      const victim = this.#largest(holder.bytes + bytes);
      if (victim === null) throw tooBusy();
      const { evict } = victim.held;
      victim.held.evict = null;
      this.#add(victim.holder, victim.held, -victim.held.bytes);
      evict?.();
    }
  }

  /** The newest body of the token that holds most, if that is more than `bytes`. */
  #largest(moreThan: number): { holder: Holder; held: Held } | null {
    let found: { holder: Holder; held: Held } | null = null;
    let most = moreThan;
    for (const holder of this.#holders.values()) {
      if (holder.bytes <= most) continue;
      const held = [...holder.requests].findLast(({ evict, bytes }) => evict !== null && bytes > 0);
      if (held === undefined) continue;
      most = holder.bytes;
      found = { holder, held };
    }
    return found;
  }

  #add(holder: Holder, held: Held, bytes: number): void {
    held.bytes += bytes;
    holder.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Starts one request per token in turn, while there is a place. */
  #admitNext(): void {
    for (const [token, holder] of [...this.#holders]) {
      const [waiting] = holder.line;
      if (waiting === undefined || !this.#hasPlace(holder, waiting.bytes)) continue;
      holder.line.delete(waiting);
      this.#waiting--;
      this.#start(holder, waiting.bytes);
      this.#holders.delete(token);
      this.#holders.set(token, holder);
      waiting.admit();
      this.#admitNext();
      return;
    }
  }

  #start(holder: Holder, bytes: number): void {
    holder.expected += bytes;
    holder.count++;
    this.#requests++;
  }

  #hasPlace(holder: Holder, bytes: number): boolean {
    const { bytesInFlight, requestsInFlight } = this.#bounds;
    if (holder.count >= requestsInFlight - this.#requests) return false;
    return holder.count === 0 || holder.expected + bytes <= bytesInFlight / 2;
  }

  #forget(token: string, { count, line }: Holder): void {
    if (count === 0 && line.size === 0) this.#holders.delete(token);
  }
}

function tooBusy(): Refusal {
  return new Refusal(503, 'Too many senders at once. Nothing is lost: try again later.', between(2, 30));
}
