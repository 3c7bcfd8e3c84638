import { deliver, type Recipient } from '../../../notify/deliver.ts';
import type { Attempt } from '../../../notify/retry.ts';
import type { Lookup } from '../../../notify/webhook/resolve-target.ts';
import { parseWebhookTarget } from '../../../notify/webhook/webhook-target.ts';
import type { NotificationSending } from '../../portal-parts.ts';
import { type ClaimedDelivery, DEFAULT_TARGET } from '../../store/notifications/notification-store.ts';
import type { PortalStore } from '../../store/portal-store.ts';
import { composeNotification } from './compose-notification.ts';

export type SendingParts = {
  store: PortalStore;
  /** undefined: no mail server, and no private networks. */
  sending: NotificationSending | undefined;
  baseUrl: () => string;
  now: () => number;
  unsubscribeUrl: (app: string, address: string) => Promise<string>;
  lookup?: Lookup;
  onAttempt?: (type: ClaimedDelivery['type'], outcome: Attempt['outcome']) => void;
};

/** Of what cannot be undone by trying again soon; in a day it is given up. */
const later = (why: string): Attempt => ({ outcome: 'retry', why, retryAfterMs: null });

/** One attempt of what was claimed. Never throws for what a receiver, the network or a setting does. */
export async function sendClaimed(
  delivery: ClaimedDelivery,
  parts: SendingParts,
  signal: AbortSignal,
): Promise<Attempt> {
  const { mute } = delivery.preferences;
  // It waited for the end of quiet hours, or for a mail server, and somebody muted meanwhile.
  if (delivery.kind !== 'test' && mute !== null && 'untilMs' in mute && parts.now() < mute.untilMs) {
    return { outcome: 'failed', why: 'Muted when it was to be sent.' };
  }
  const receiver = await receiverOf(delivery, parts);
  if ('outcome' in receiver) return receiver;
  const notice = await composeNotification(parts.store, delivery, parts.baseUrl());
  const deliveryId = `${delivery.notificationId}.${delivery.targetId}`;
  const { lookup } = parts;
  return deliver(notice, receiver, deliveryId, {
    nowMs: parts.now(),
    signal,
    ...(lookup === undefined ? {} : { lookup }),
  });
}

async function receiverOf(
  { app, type, target, targetId, address }: ClaimedDelivery,
  { sending, unsubscribeUrl }: SendingParts,
): Promise<Recipient | Attempt> {
  const isGone = target === null ? !targetId.startsWith(DEFAULT_TARGET) : target.stoppedAtMs !== null;
  if (isGone) return { outcome: 'failed', why: 'It is no longer told.' };
  if (type === 'mail') {
    const { smtp = null, mailFrom = null } = sending ?? {};
    if (smtp === null || mailFrom === null) {
      return later('The portal knows no mail server: start it with --smtp and --mail-from.');
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
      'Its address may not be used any more: the portal was started without --allow-private-webhooks.',
    );
  }
}
