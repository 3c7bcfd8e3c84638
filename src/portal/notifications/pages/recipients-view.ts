import { type Html, html } from '../../../formats/html.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { ago, moment } from '../../pages/time-view.ts';
import type { Recipient } from '../../store/notifications/announce.ts';
import type { NotificationTarget } from '../../store/notifications/notification-store.ts';
import { notificationsUrl } from '../../urls.ts';
import type { NotificationsPageData } from './notifications-page-data.ts';

const PRESET_NAMES = {
  crashmon: 'JSON of our own, signed',
  slack: 'Slack',
  teams: 'Microsoft Teams',
  discord: 'Discord',
} as const;

/** Receivers, and for administrators the forms by which they come and go. */
export function targetsView(data: NotificationsPageData, isAdmin: boolean, context: PageContext): Html {
  const { app, settings, recipients } = data;
  const known = new Set(settings.targets.map(({ id }) => id));
  const byDefault = recipients.filter(({ targetId }) => !known.has(targetId));
  return html`${
    settings.targets.length + byDefault.length > 0 &&
    html`<div class="card table-wrap"><table><caption class="aside">Who is told of crashes of ${app}</caption>
<thead><tr><th scope="col">Recipient</th><th scope="col" class="wide">Added</th><th scope="col"><span class="aside">Change</span></th></tr></thead>
<tbody>${settings.targets.map((target) => targetRow(app, target, isAdmin, context))}${byDefault.map((recipient) => defaultRow(app, recipient, isAdmin, context))}</tbody></table></div>`
  }
${isAdmin && forms(app, context)}`;
}

function targetRow(app: string, target: NotificationTarget, isAdmin: boolean, context: PageContext): Html {
  const { id, createdAtMs, createdBy, stoppedAtMs } = target;
  const name = shownTarget(target);
  return html`<tr><th scope="row"><bdi>${name}</bdi><span class="second">${target.type === 'mail' ? 'Mail' : `Webhook: ${PRESET_NAMES[target.preset ?? 'crashmon']}`}</span>${
    stoppedAtMs !== null &&
    html`<span class="second">Stopped ${ago(stoppedAtMs, context.nowMs)} by <bdi>${target.stoppedBy}</bdi>: gets nothing</span>`
  }</th>
<td class="wide">${moment(createdAtMs)} <span class="second">by <bdi>${createdBy}</bdi></span></td>
<td class="number">${isAdmin && html`<div class="row-actions">${stoppedAtMs === null && testForm(app, id, name, context)}${removeForm(app, id, name, context)}</div>`}</td></tr>
`;
}

function defaultRow(app: string, recipient: Recipient, isAdmin: boolean, context: PageContext): Html {
  const { targetId, address } = recipient;
  return html`<tr><th scope="row"><bdi>${address}</bdi><span class="second">Mail, by default (--mail-to)</span></th><td class="wide"></td>
<td class="number">${isAdmin && html`<div class="row-actions">${testForm(app, targetId, address, context)}${removeForm(app, targetId, address, context)}</div>`}</td></tr>
`;
}

function testForm(app: string, id: string, name: string, { csrf }: PageContext): Html {
  return html`<form method="post" action="${notificationsUrl(app, '/test')}">${csrf}<input type="hidden" name="target" value="${id}"><button type="submit" class="quiet small">Send a test<span class="aside"> to ${name}</span></button></form>`;
}

function removeForm(app: string, id: string, name: string, { csrf }: PageContext): Html {
  return html`<form method="post" action="${notificationsUrl(app, '/remove')}">${csrf}<input type="hidden" name="target" value="${id}"><button type="submit" class="quiet small">Remove<span class="aside"> ${name}</span></button></form>`;
}

function forms(app: string, { csrf }: PageContext): Html {
  return html`<div class="pair below"><form method="post" action="${notificationsUrl(app, '/mail')}" class="card padded stacked">${csrf}
<label>Mail address <input name="address" type="email" required maxlength="320" placeholder="ops@example.com" autocomplete="off"></label>
<button type="submit">Tell by mail</button></form>
<form method="post" action="${notificationsUrl(app, '/webhook')}" class="card padded stacked">${csrf}
<label>Address of a webhook <input name="address" type="url" required maxlength="2048" placeholder="https://hooks.example.com/…" autocomplete="off"></label>
<label>What it understands <select name="preset"><option value="">by its address</option>${Object.entries(PRESET_NAMES).map(([value, label]) => html`<option value="${value}">${label}</option>`)}</select></label>
<button type="submit">Tell by webhook</button></form></div>`;
}

/** A webhook's address is a secret: its host only. */
export function shownTarget({ type, address }: Pick<NotificationTarget, 'type' | 'address'>): string {
  return type === 'mail' ? address : new URL(address).hostname;
}
