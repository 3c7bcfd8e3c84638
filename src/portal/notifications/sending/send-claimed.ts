import { deliver, type Recipient } from '../../../notify/deliver.ts';
import type { Attempt } from '../../../notify/retry.ts';
import type { Lookup } from '../../../notify/webhook/resolve-target.ts';
import { parseWebhookTarget } from '../../../notify/webhook/webhook-target.ts';
import type { NotificationSending } from '../../portal-parts.ts';
import { type ClaimedDelivery, DEFAULT_TARGET } from '../../store/notifications/notification-store.ts';
import type { OutboxStore, ReadStore } from '../../store/portal-store.ts';
import { composeNotification } from './compose-notification.ts';

export type SendingParts = {
  store: OutboxStore & ReadStore;
  /** undefined: no mail server, and no webhooks to private networks. */
  sending: NotificationSending | undefined;
  baseUrl: () => string;
  now: () => number;
  unsubscribeUrl: (app: string, address: string) => Promise<string>;
  lookup?: Lookup;
  onAttempt?: (type: ClaimedDelivery['type'], outcome: Attempt['outcome']) => void;
};

/** For failures that a setting causes: it is dropped after a day. */
const later = (why: string): Attempt => ({ outcome: 'retry', why, retryAfterMs: null });

/** One attempt. Does not throw for failures of the recipient, the network or a setting. */
export async function sendClaimed(
  delivery: ClaimedDelivery,
  parts: SendingParts,
  signal: AbortSignal,
): Promise<Attempt> {
  const { mute } = delivery.preferences;
  // Muted while it waited for the end of quiet hours or for a mail server.
  if (delivery.kind !== 'test' && mute !== null && 'untilMs' in mute && parts.now() < mute.untilMs) {
    return { outcome: 'failed', why: 'Muted when it was due.' };
  }
  const recipient = await recipientOf(delivery, parts);
  if ('outcome' in recipient) return recipient;
  const notification = await composeNotification(parts.store, delivery, parts.baseUrl());
  const deliveryId = `${delivery.notificationId}.${delivery.targetId}`;
  const { lookup } = parts;
  return deliver(notification, recipient, deliveryId, {
    nowMs: parts.now(),
    signal,
    ...(lookup === undefined ? {} : { lookup }),
  });
}

async function recipientOf(
  { app, type, target, targetId, address }: ClaimedDelivery,
  { sending, unsubscribeUrl }: SendingParts,
): Promise<Recipient | Attempt> {
  const isGone = target === null ? !targetId.startsWith(DEFAULT_TARGET) : target.stoppedAtMs !== null;
  if (isGone) return { outcome: 'failed', why: 'No longer a recipient.' };
  if (type === 'mail') {
    const { smtp = null, mailFrom = null } = sending ?? {};
    if (smtp === null || mailFrom === null) {
      return later('No mail server is configured: start the portal with --smtp and --mail-from.');
    }
    const url = await unsubscribeUrl(app, address);
    return { type: 'mail', server: smtp, from: mailFrom, to: address, unsubscribeUrl: url };
  }
  try {
    const { address: url = '', preset = null, secret = null } = target ?? {};
    const allowPrivate = sending?.allowPrivateWebhooks ?? false;
    return { type: 'webhook', target: parseWebhookTarget(url, { preset, secret, allowPrivate }) };
  } catch {
    return later(
      'Private webhook addresses are not allowed: the portal was started without --allow-private-webhooks.',
    );
  }
}
