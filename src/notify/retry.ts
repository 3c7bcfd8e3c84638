/** What became of one attempt to deliver. */
export type Attempt =
  | { outcome: 'delivered' }
  /** It may work later; `retryAfterMs` is what the recipient asked for. */
  | { outcome: 'retry'; why: string; retryAfterMs: number | null }
  /** It will never work. */
  | { outcome: 'failed'; why: string };

/**
 * One message to one recipient, from the decision to its end. Plain data, for a row of a table or a list in memory; every
 * function here is pure.
 *
 *     pending ─claim→ sending ─settle→ delivered | retry | dead
 *                       ↑ lease over        └─claim→ sending …
 */
export type Delivery = {
  state: 'pending' | 'sending' | 'retry' | 'delivered' | 'dead';
  /** When it was to be sent first; it is dead some time after that. */
  firstDueMs: number;
  /** Not before; of a delivery that is being sent, when its lease is over and somebody else may claim it. */
  dueMs: number;
  /** Which attempt it is: who settles another than the newest is too late. */
  attempts: number;
  /** One sentence for people; null while nothing went wrong. */
  problem: string | null;
  /** Delivered or dead since. */
  endedMs: number | null;
};

/** Longer than any attempt takes. */
export const LEASE_MS = 300_000;
export const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** Whoever was switched off for a day has not tried. */
const LEAST_ATTEMPTS = 4;
const FIRST_MS = 30_000;
const LONGEST_MS = 3_600_000;
const FACTOR = 3;
/** No delivery that was tried before waits longer. */
export const LONGEST_WAIT_MS = LONGEST_MS * 1.5;

export function newDelivery(dueMs: number): Delivery {
  return { state: 'pending', firstDueMs: dueMs, dueMs, attempts: 0, problem: null, endedMs: null };
}

/** Also where it would wait longer than it was told to: the clock was set back since. */
export function isDue({ state, dueMs, attempts }: Delivery, nowMs: number): boolean {
  if (state === 'delivered' || state === 'dead') return false;
  return dueMs <= nowMs || (attempts > 0 && dueMs - nowMs > LONGEST_WAIT_MS);
}

/** For who is going to send it now; null where it is not due. The row has to be locked meanwhile, or compared. */
export function claim(delivery: Delivery, nowMs: number, leaseMs = LEASE_MS): Delivery | null {
  if (!isDue(delivery, nowMs)) return null;
  return { ...delivery, state: 'sending', dueMs: nowMs + leaseMs, attempts: delivery.attempts + 1 };
}

/**
 * What the delivery is after an attempt. Unchanged where the attempt is not the newest one: its lease was over, and
 * somebody else has claimed it since. A receipt counts all the same, however late.
 *
 * @param attempt its number, `attempts` of what `claim` gave
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
  // After a clock was set back it has waited no time at all.
  const isOver = nowMs - firstDueMs >= GIVE_UP_AFTER_MS && attempts >= LEAST_ATTEMPTS;
  if (isOver) return { ...delivery, state: 'dead', problem: result.why, endedMs: nowMs };
  const dueMs = nowMs + backOffMs(attempts, result.retryAfterMs, random);
  return { ...delivery, state: 'retry', dueMs, problem: result.why };
}

/**
 * 30 s, 90 s, 4.5 min … to an hour, and up to half as much again at random, so that what failed together does not come
 * back together. What a recipient asks for counts where it is longer, up to an hour.
 *
 * @param attempts so far, from 1
 */
export function backOffMs(attempts: number, retryAfterMs: number | null, random: number): number {
  const own = Math.min(LONGEST_MS, FIRST_MS * FACTOR ** Math.min(attempts - 1, 10));
  const wait = Math.min(LONGEST_MS, Math.max(own, retryAfterMs ?? 0));
  return Math.round(wait * (1 + random / 2));
}
