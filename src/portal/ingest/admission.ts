import { between, Refusal } from './refusal.ts';

type Bounds = { bytesInFlight: number; requestsInFlight: number; waitingRequests: number; waitMs: number };
type Waiting = { bytes: number; admit: () => void };

/** Room in memory that a request holds until it is answered. */
export type Lease = {
  /** What it turned out to need; never waits, because it holds something already. */
  resize(bytes: number): void;
  release(): void;
};

/**
 * Lets as many requests in as there is memory for; the others wait in line, first come, first served, without their
 * bodies being read. Who finds the line full, or waits too long, is told when to come back.
 */
export class Admission {
  readonly #bounds: Bounds;
  readonly #line = new Set<Waiting>();
  #bytes = 0;
  #requests = 0;

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
    return this.#line.size;
  }

  /** @throws Refusal 503 */
  async enter(bytes: number): Promise<Lease> {
    if (this.#line.size > 0 || !this.#hasRoom(bytes)) await this.#wait(bytes);
    else this.#add(bytes);
    return this.#lease(bytes);
  }

  async #wait(bytes: number): Promise<void> {
    if (this.#line.size >= this.#bounds.waitingRequests) throw tooBusy();
    const admitted = Promise.withResolvers<void>();
    const waiting = { bytes, admit: admitted.resolve };
    this.#line.add(waiting);
    const timer = setTimeout(() => {
      if (this.#line.delete(waiting)) admitted.reject(tooBusy());
    }, this.#bounds.waitMs);
    try {
      await admitted.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #lease(reserved: number): Lease {
    let bytes = reserved;
    let isHeld = true;
    return {
      resize: (actual) => {
        this.#bytes += actual - bytes;
        bytes = actual;
      },
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#bytes -= bytes;
        this.#requests--;
        this.#admitNext();
      },
    };
  }

  #admitNext(): void {
    for (const waiting of this.#line) {
      if (!this.#hasRoom(waiting.bytes)) return;
      this.#line.delete(waiting);
      this.#add(waiting.bytes);
      waiting.admit();
    }
  }

  /** The only one gets in whatever its size. */
  #hasRoom(bytes: number): boolean {
    if (this.#requests === 0) return true;
    const { bytesInFlight, requestsInFlight } = this.#bounds;
    return this.#requests < requestsInFlight && this.#bytes + bytes <= bytesInFlight;
  }

  #add(bytes: number): void {
    this.#bytes += bytes;
    this.#requests++;
  }
}

function tooBusy(): Refusal {
  return new Refusal(503, 'Too many senders at once. Nothing is lost: try again later.', between(2, 30));
}
