import type { PortalParts } from '../../portal-parts.ts';
import type { OutboxStore, ReadStore } from '../../store/portal-store.ts';
import { NotificationRunner } from './notification-runner.ts';
import type { SendingParts } from './send-claimed.ts';
import { unsubscribeToken } from './unsubscribe-token.ts';

export const UNSUBSCRIBE_KEY = 'unsubscribe';

function sendingParts({ store, settings, baseUrl, now }: PortalParts<ReadStore & OutboxStore>): SendingParts {
  return {
    store,
    sending: settings.notifications,
    baseUrl,
    now,
    unsubscribeUrl: unsubscribeUrlOf(store, baseUrl),
  };
}

/** The link that unsubscribes an address from emails about an app. */
export function unsubscribeUrlOf(
  { notifications }: Pick<PortalParts['store'], 'notifications'>,
  baseUrl: () => string,
): SendingParts['unsubscribeUrl'] {
  return async (app, address) => {
    const token = unsubscribeToken({ app, address }, await notifications.key(UNSUBSCRIBE_KEY));
    return `${baseUrl()}/unsubscribe/${token}`;
  };
}

/** Sends notifications until disposed. */
export function startNotifications(parts: PortalParts<ReadStore & OutboxStore>): NotificationRunner {
  const { metrics, log } = parts;
  const attempts = metrics.counter(
    'crashmon_portal_notice_attempts_total',
    'Attempts to deliver a notification',
  );
  const onAttempt: SendingParts['onAttempt'] = (type, outcome) => attempts.add(1, { type, outcome });
  const runner = new NotificationRunner({ ...sendingParts(parts), onAttempt }, log);
  metrics.gauge('crashmon_portal_notices_waiting', 'Deliveries in the queue', () => runner.counts.waiting);
  metrics.gauge(
    'crashmon_portal_notices_given_up',
    'Deliveries that failed for good in the last 30 days',
    () => {
      return runner.counts.dead;
    },
  );
  return runner.start();
}
