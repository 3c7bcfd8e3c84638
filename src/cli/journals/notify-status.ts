import { parseDelivery } from '../../agent/notify/delivery-rows.ts';
import type { JournalReader } from '../../journal/journal-reader.ts';

/** Recipients of notifications, and the state of delivery. */
export type NotifyStatus = {
  receivers: string[];
  lastDeliveredMs: number | null;
  /** Messages waiting to be sent or retried. */
  waiting: number;
  /** Dropped messages among the newest. */
  givenUp: number;
  /** For the newest message that could not be delivered; null if the newest was delivered. */
  problem: string | null;
};

/** null if only a portal sends notifications. */
export function notifyStatus(reader: JournalReader): NotifyStatus | null {
  const notify = reader.notify();
  if (notify === null) return null;
  const deliveries = reader.deliveries().map(parseDelivery);
  const delivered = deliveries.filter(({ state }) => state === 'delivered');
  const lastDeliveredMs = delivered.reduce<number | null>(
    (last, { endedMs }) => Math.max(last ?? 0, endedMs ?? 0),
    null,
  );
  const troubled = deliveries.findLast(
    ({ state, problem }) =>
      problem !== null && (state === 'retry' || state === 'sending' || state === 'dead'),
  );
  const isSettled = (troubled?.endedMs ?? Number.POSITIVE_INFINITY) < (lastDeliveredMs ?? 0);
  return {
    receivers: notify.receivers,
    lastDeliveredMs,
    waiting: deliveries.filter(({ endedMs }) => endedMs === null).length,
    givenUp: deliveries.filter(({ state }) => state === 'dead').length,
    problem: isSettled ? null : (troubled?.problem ?? null),
  };
}
