import { type Html, html } from '../../../formats/html.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { ago, moment } from '../../pages/time-view.ts';
import type { Recipient } from '../../store/notifications/announce.ts';
import type { NotificationTarget } from '../../store/notifications/notification-store.ts';
import { notificationsUrl } from '../../urls.ts';
import type { NotificationsPageData } from './notifications-page-data.ts';

const PRESET_NAMES = {
  crashmon: 'Crashmon JSON (signed)',
  slack: 'Slack',
  teams: 'Microsoft Teams',
  discord: 'Discord',
} as const;

/** Recipients; for administrators also the forms that add and remove them. */
export function targetsView(data: NotificationsPageData, isAdmin: boolean, context: PageContext): Html {
  const { app, settings, recipients } = data;
  const known = new Set(settings.targets.map(({ id }) => id));
  const byDefault = recipients.filter(({ targetId }) => !known.has(targetId));
  return html`${
    settings.targets.length + byDefault.length > 0 &&
    html`<div class="card table-wrap"><table><caption class="aside">Recipients for ${app}</caption>
<thead><tr><th scope="col">Recipient</th><th scope="col" class="wide">Added</th><th scope="col"><span class="aside">Actions</span></th></tr></thead>
<tbody>${settings.targets.map((target) => targetRow(app, target, isAdmin, context))}${byDefault.map((recipient) => defaultRow(app, recipient, isAdmin, context))}</tbody></table></div>`
  }
${isAdmin && forms(app, context)}`;
}

function targetRow(app: string, target: NotificationTarget, isAdmin: boolean, context: PageContext): Html {
  const { id, createdAtMs, createdBy, stoppedAtMs } = target;
  const name = shownTarget(target);
  return html`<tr><th scope="row"><bdi>${name}</bdi><span class="second">${target.type === 'mail' ? 'Email' : `Webhook: ${PRESET_NAMES[target.preset ?? 'crashmon']}`}</span>${
    stoppedAtMs !== null &&
    html`<span class="second">Unsubscribed ${ago(stoppedAtMs, context.nowMs)} by <bdi>${target.stoppedBy}</bdi>: receives nothing</span>`
  }</th>
<td class="wide">${moment(createdAtMs)} <span class="second">by <bdi>${createdBy}</bdi></span></td>
<td class="number">${isAdmin && html`<div class="row-actions">${stoppedAtMs === null && testForm(app, id, name, context)}${removeForm(app, id, name, context)}</div>`}</td></tr>
`;
}

function defaultRow(app: string, recipient: Recipient, isAdmin: boolean, context: PageContext): Html {
  const { targetId, address } = recipient;
  return html`<tr><th scope="row"><bdi>${address}</bdi><span class="second">Email, default recipient (--mail-to)</span></th><td class="wide"></td>
<td class="number">${isAdmin && html`<div class="row-actions">${testForm(app, targetId, address, context)}${removeForm(app, targetId, address, context)}</div>`}</td></tr>
`;
}

function testForm(app: string, id: string, name: string, { csrf }: PageContext): Html {
  return html`<form method="post" action="${notificationsUrl(app, '/test')}">${csrf}<input type="hidden" name="target" value="${id}"><button type="submit" class="quiet small">Send test<span class="aside"> to ${name}</span></button></form>`;
}

function removeForm(app: string, id: string, name: string, { csrf }: PageContext): Html {
  return html`<form method="post" action="${notificationsUrl(app, '/remove')}">${csrf}<input type="hidden" name="target" value="${id}"><button type="submit" class="quiet small">Remove<span class="aside"> ${name}</span></button></form>`;
}

function forms(app: string, { csrf }: PageContext): Html {
  return html`<div class="pair below"><form method="post" action="${notificationsUrl(app, '/mail')}" class="card padded stacked">${csrf}
<label>Email address <input name="address" type="email" required maxlength="320" placeholder="ops@example.com" autocomplete="off"></label>
<button type="submit">Add email</button></form>
<form method="post" action="${notificationsUrl(app, '/webhook')}" class="card padded stacked">${csrf}
<label>Webhook URL <input name="address" type="url" required maxlength="2048" placeholder="https://hooks.example.com/…" autocomplete="off"></label>
<label>Format <select name="preset"><option value="">Detect from the URL</option>${Object.entries(PRESET_NAMES).map(([value, label]) => html`<option value="${value}">${label}</option>`)}</select></label>
<button type="submit">Add webhook</button></form></div>`;
}

/** Only the host of a webhook: its address is a secret. */
export function shownTarget({ type, address }: Pick<NotificationTarget, 'type' | 'address'>): string {
  return type === 'mail' ? address : new URL(address).hostname;
}
