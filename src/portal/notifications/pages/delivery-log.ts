import { type Html, html } from '../../../formats/html.ts';
import { agoWords } from '../../insight/ago-words.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { moment } from '../../pages/time-view.ts';
import type { LoggedDelivery, LoggedNotification } from '../../store/notifications/notification-store.ts';
import { notificationsUrl, signatureUrl } from '../../urls.ts';
import type { NotificationsPageData } from './notifications-page-data.ts';

const KIND_WORDS: Readonly<Record<LoggedNotification['kind'], string>> = {
  opened: 'Crash',
  returned: 'Crash returned',
  escalated: 'Crash spreading',
  recovered: 'Recovery',
  digest: 'Digest',
  test: 'Test',
};

/** Notifications and the result for each recipient. */
export function logView({ app, log }: NotificationsPageData, isAdmin: boolean, context: PageContext): Html {
  if (log.length === 0) return html`<p class="soft">No notifications yet. Send a test to see one here.</p>`;
  return html`<div class="card table-wrap"><table><caption class="aside">Notifications for ${app}, newest first</caption>
<thead><tr><th scope="col">Notification</th><th scope="col">Result</th></tr></thead>
<tbody>${log.map((notification) => notificationRow(app, notification, isAdmin, context))}</tbody></table></div>`;
}

function notificationRow(
  app: string,
  notification: LoggedNotification,
  isAdmin: boolean,
  context: PageContext,
): Html {
  const { kind, atMs, signature, deliveries, how, why, dueMs } = notification;
  const words = KIND_WORDS[kind];
  return html`<tr><th scope="row">${signature === null ? words : html`<a href="${signatureUrl(app, signature)}">${words}</a>`}<span class="second">${moment(atMs)}</span></th>
<td>${
    how === 'drop'
      ? html`<span class="soft">Not sent: ${why ?? ''}.</span>`
      : how === 'digest'
        ? html`<span class="soft">Queued for the digest at ${moment(dueMs)}.</span>`
        : how === 'digested'
          ? html`<span class="soft">Sent in a digest.</span>`
          : html`<ul class="outcomes">${deliveries.map((delivery) => html`<li>${outcome(app, notification, delivery, isAdmin, context)}</li>`)}</ul>`
  }</td></tr>
`;
}

function outcome(
  app: string,
  { id }: LoggedNotification,
  delivery: LoggedDelivery,
  isAdmin: boolean,
  { csrf, nowMs }: PageContext,
): Html {
  const { state, address, attempts, problem, endedMs, dueMs, targetId } = delivery;
  const who = html`<bdi>${address}</bdi>`;
  const tried = attempts > 1 && html` <span class="soft">attempt ${attempts}</span>`;
  switch (state) {
    case 'delivered':
      return html`${who} <span class="tag resolved">delivered</span>${tried} <span class="second">${moment(endedMs ?? 0)}</span>`;
    case 'dead':
      return html`${who} <span class="tag returned">failed</span>${tried} <span class="second">${problem}</span>${
        isAdmin &&
        html`<form method="post" action="${notificationsUrl(app, '/again')}">${csrf}<input type="hidden" name="notification" value="${id}"><input type="hidden" name="target" value="${targetId}"><button type="submit" class="quiet small">Retry<span class="aside"> ${address}</span></button></form>`
      }`;
    case 'sending':
      return html`${who} <span class="tag">sending</span>`;
    default: {
      const soon = dueMs <= nowMs ? 'now' : agoWords(dueMs, nowMs);
      return html`${who} <span class="tag">queued</span> <span class="soft">attempt ${attempts + 1}, due ${soon}</span>${problem !== null && html`<span class="second">${problem}</span>`}`;
    }
  }
}
