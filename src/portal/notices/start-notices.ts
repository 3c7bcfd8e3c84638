import type { PortalParts } from '../portal-parts.ts';
import { NoticeRunner } from './notice-runner.ts';
import type { SendingParts } from './send-claimed.ts';
import { unsubscribeToken } from './unsubscribe-token.ts';

export const UNSUBSCRIBE_KEY = 'unsubscribe';

/** What sending needs, of the portal's parts. */
function sendingParts({ store, settings, baseUrl, now }: PortalParts): SendingParts {
  return {
    store,
    sending: settings.notices,
    baseUrl,
    now,
    unsubscribeUrl: unsubscribeUrlOf(store, baseUrl),
  };
}

/** Where who gets mails of an app ends them. */
export function unsubscribeUrlOf(
  { notices }: Pick<PortalParts['store'], 'notices'>,
  baseUrl: () => string,
): SendingParts['unsubscribeUrl'] {
  return async (app, address) => {
    const token = unsubscribeToken({ app, address }, await notices.key(UNSUBSCRIBE_KEY));
    return `${baseUrl()}/unsubscribe/${token}`;
  };
}

/** Tells people until disposed of. */
export function startNotices(parts: PortalParts): NoticeRunner {
  return new NoticeRunner(sendingParts(parts), parts.log).start();
}
