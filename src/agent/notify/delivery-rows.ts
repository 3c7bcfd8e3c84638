import type { DeliveryRow } from '../../journal/notification-rows.ts';
import type { Delivery } from '../../notify/retry.ts';

export function parseDelivery({ document }: Pick<DeliveryRow, 'document'>): Delivery {
  return JSON.parse(document) as Delivery;
}

/** When the next one is due; null if none waits. */
export function nextDueMs(rows: readonly DeliveryRow[]): number | null {
  const due = rows.map(parseDelivery).flatMap(({ endedMs, dueMs }) => (endedMs === null ? [dueMs] : []));
  return due.length === 0 ? null : Math.min(...due);
}
