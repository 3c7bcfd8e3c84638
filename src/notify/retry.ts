/** What became of one attempt to deliver. */
export type Attempt =
  | { outcome: 'delivered' }
  /** It may work later; `retryAfterMs` is what the recipient asked for. */
  | { outcome: 'retry'; why: string; retryAfterMs: number | null }
  /** It will never work. */
  | { outcome: 'failed'; why: string };

/**
 * One message to one recipient, from the decision to its end. Plain data, for a row or a list; every function here is
 * pure.
 *
 *     pending ─claim→ sending ─settle→ delivered | retry | dead
 *                       ↑ lease over        └─claim→ sending …
 */
export type Delivery = {
  state: 'pending' | 'sending' | 'retry' | 'delivered' | 'dead';
  /** When it was first due; it is dropped some time after that. */
  firstDueMs: number;
  /** Not before. While it is being sent: end of the lease, when another process can claim it. */
  dueMs: number;
  /** Number of the newest attempt; an older one is settled too late. */
  attempts: number;
  /** One sentence; null while nothing went wrong. */
  problem: string | null;
  /** Delivered or dead since. */
  endedMs: number | null;
};

/** Longer than any attempt takes. */
export const LEASE_MS = 300_000;
export const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** After a day switched off, nothing was tried yet. */
const LEAST_ATTEMPTS = 4;
const FIRST_MS = 30_000;
const LONGEST_MS = 3_600_000;
const FACTOR = 3;
/** No delivery that was tried before waits longer. */
export const LONGEST_WAIT_MS = LONGEST_MS * 1.5;

export function newDelivery(dueMs: number): Delivery {
  return { state: 'pending', firstDueMs: dueMs, dueMs, attempts: 0, problem: null, endedMs: null };
}

/** Also if it would wait too long: the clock was set back. */
export function isDue({ state, dueMs, attempts }: Delivery, nowMs: number): boolean {
  if (state === 'delivered' || state === 'dead') return false;
  return dueMs <= nowMs || (attempts > 0 && dueMs - nowMs > LONGEST_WAIT_MS);
}

/** To send it now; null if it is not due. Lock or compare its row. */
export function claim(delivery: Delivery, nowMs: number, leaseMs = LEASE_MS): Delivery | null {
  if (!isDue(delivery, nowMs)) return null;
  return { ...delivery, state: 'sending', dueMs: nowMs + leaseMs, attempts: delivery.attempts + 1 };
}

/**
 * The delivery after an attempt. Unchanged if the attempt is not the newest: its lease was over, and another process has
 * claimed it. A success counts in any case.
 *
 * @param attempt its number: `attempts` after `claim`
 * @param random from 0 to below 1
 */
export function settle(
  delivery: Delivery,
  { attempt, result }: { attempt: number; result: Attempt },
  nowMs: number,
  random: number,
): Delivery {
  const { state, attempts, firstDueMs } = delivery;
  if (state === 'delivered' || state === 'dead') return delivery;
  if (result.outcome === 'delivered') return { ...delivery, state: 'delivered', endedMs: nowMs };
  if (attempt !== attempts || state !== 'sending') return delivery;
  if (result.outcome === 'failed') return { ...delivery, state: 'dead', problem: result.why, endedMs: nowMs };
  // After a clock was set back, it has not waited.
  const isOver = nowMs - firstDueMs >= GIVE_UP_AFTER_MS && attempts >= LEAST_ATTEMPTS;
  if (isOver) return { ...delivery, state: 'dead', problem: result.why, endedMs: nowMs };
  const dueMs = nowMs + backOffMs(attempts, result.retryAfterMs, random);
  return { ...delivery, state: 'retry', dueMs, problem: result.why };
}

/**
 * 30 s, 90 s, 4.5 min … to an hour, and up to half as much more at random, so that what failed together is not retried
 * together. A longer delay that the recipient asks for counts, up to an hour.
 *
 * @param attempts so far, from 1
 */
export function backOffMs(attempts: number, retryAfterMs: number | null, random: number): number {
  const own = Math.min(LONGEST_MS, FIRST_MS * FACTOR ** Math.min(attempts - 1, 10));
  const wait = Math.min(LONGEST_MS, Math.max(own, retryAfterMs ?? 0));
  return Math.round(wait * (1 + random / 2));
}
