import type { PortalParts } from '../portal-parts.ts';
import { NoticeRunner } from './notice-runner.ts';
import type { SendingParts } from './send-claimed.ts';
import { unsubscribeToken } from './unsubscribe-token.ts';

export const UNSUBSCRIBE_KEY = 'unsubscribe';

/** What sending needs, of the portal's parts. */
export function sendingParts({ store, settings, baseUrl, now }: PortalParts): SendingParts {
  return {
    store,
    sending: settings.notices,
    baseUrl,
    now,
    async unsubscribeUrl(app, address) {
      const token = unsubscribeToken({ app, address }, await store.notices.key(UNSUBSCRIBE_KEY));
      return `${baseUrl()}/unsubscribe/${token}`;
    },
  };
}

/** Tells people until disposed of. */
export function startNotices(parts: PortalParts): NoticeRunner {
  return new NoticeRunner(sendingParts(parts), parts.log).start();
}
