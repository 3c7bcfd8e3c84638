import type { PortalParts } from '../../portal-parts.ts';
import { NotificationRunner } from './notification-runner.ts';
import type { SendingParts } from './send-claimed.ts';
import { unsubscribeToken } from './unsubscribe-token.ts';

export const UNSUBSCRIBE_KEY = 'unsubscribe';

/** What sending needs, of the portal's parts. */
function sendingParts({ store, settings, baseUrl, now }: PortalParts): SendingParts {
  return {
    store,
    sending: settings.notifications,
    baseUrl,
    now,
    unsubscribeUrl: unsubscribeUrlOf(store, baseUrl),
  };
}

/** Where who gets mails of an app ends them. */
export function unsubscribeUrlOf(
  { notifications }: Pick<PortalParts['store'], 'notifications'>,
  baseUrl: () => string,
): SendingParts['unsubscribeUrl'] {
  return async (app, address) => {
    const token = unsubscribeToken({ app, address }, await notifications.key(UNSUBSCRIBE_KEY));
    return `${baseUrl()}/unsubscribe/${token}`;
  };
}

/** Tells people until disposed of. */
export function startNotifications(parts: PortalParts): NotificationRunner {
  const { metrics, log } = parts;
  const attempts = metrics.counter('crashmon_portal_notice_attempts_total', 'Attempts to deliver a notice');
  const onAttempt: SendingParts['onAttempt'] = (type, outcome) => attempts.add(1, { type, outcome });
  const runner = new NotificationRunner({ ...sendingParts(parts), onAttempt }, log);
  metrics.gauge('crashmon_portal_notices_waiting', 'Deliveries that wait', () => runner.counts.waiting);
  metrics.gauge('crashmon_portal_notices_given_up', 'Deliveries that were given up in 30 days', () => {
    return runner.counts.dead;
  });
  return runner.start();
}
