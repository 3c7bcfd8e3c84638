import { composeMail } from './mail/compose-mail.ts';
import { type SendOptions, sendMail } from './mail/send-mail.ts';
import type { SmtpServer } from './mail/smtp-server.ts';
import type { Notification } from './notification.ts';
import type { Attempt } from './retry.ts';
import { type PostOptions, postWebhook } from './webhook/post-webhook.ts';
import { webhookBody } from './webhook/webhook-body.ts';
import type { WebhookTarget } from './webhook/webhook-target.ts';

/** A delivery is one notification to one recipient, so that a failure affects no other recipient. */
export type Recipient =
  | {
      type: 'mail';
      server: SmtpServer;
      from: string;
      to: string;
      returnPath?: string;
      unsubscribeUrl?: string | null;
    }
  | { type: 'webhook'; target: WebhookTarget };

export type DeliverOptions = SendOptions & Pick<PostOptions, 'nowMs' | 'lookup' | 'onLeaving'>;

/**
 * One attempt to deliver one notification, by mail or webhook.
 *
 * @param deliveryId the same on every attempt
 * @throws CrashmonError BAD_OPTION for an invalid mail address; never for what happens on the way
 */
export async function deliver(
  notification: Notification,
  recipient: Recipient,
  deliveryId: string,
  options: DeliverOptions,
): Promise<Attempt> {
  if (recipient.type === 'webhook') {
    const body = webhookBody(notification, recipient.target.preset);
    return postWebhook(recipient.target, { body, deliveryId }, options);
  }
  const { type: _, server, to, ...mailOptions } = recipient;
  const { accepted, retry, failed } = await sendMail(
    composeMail(notification, { ...mailOptions, to: [to] }),
    server,
    options,
  );
  if (accepted.length > 0) return { outcome: 'delivered' };
  const [again] = retry;
  if (again !== undefined) return { outcome: 'retry', why: again.why, retryAfterMs: null };
  return { outcome: 'failed', why: failed[0]?.why ?? '' };
}
