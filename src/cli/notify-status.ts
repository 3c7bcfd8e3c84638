import { parseDelivery } from '../agent/notify/delivery-rows.ts';
import type { JournalReader } from '../journal/journal-reader.ts';

/** Who is told of crashes, and how that goes. */
export type NotifyStatus = {
  receivers: string[];
  lastDeliveredMs: number | null;
  /** Messages that wait to be sent, or sent again. */
  waiting: number;
  /** Those among the newest that were given up. */
  givenUp: number;
  /** Of the newest message that could not be delivered; null where the newest one was. */
  problem: string | null;
};

/** null where nobody is told but by a portal. */
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
