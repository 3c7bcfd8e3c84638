import { type Html, html } from '../../../formats/html.ts';
import { mayAdminister } from '../../access/domain/roles.ts';
import { layout } from '../../pages/layout.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { unbroken } from '../../pages/unbroken.ts';
import { logView } from './delivery-log.ts';
import type { NotificationsPageData } from './notifications-page-data.ts';
import { muteForm, preferencesForm } from './preferences-form.ts';
import { previewView } from './preview-view.ts';
import { targetsView } from './recipients-view.ts';

/** Recipients of an app, their preferences, a preview and the delivery log. */
export function notificationsPage(data: NotificationsPageData, context: PageContext): string {
  const { app, done, error } = data;
  const isAdmin = mayAdminister(context.account, app);
  const body = html`<link rel="stylesheet" href="${context.assetUrl('notifications.css')}">
<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <bdi>${app}</bdi></p><h1>Notifications</h1>
<p class="lead">Crashmon notifies the recipients when <bdi>${app}</bdi> starts crashing, if the crashes spread, and when they stop.</p></div></div>
${done !== null && html`<p class="notice" role="status">${done}</p>`}
${error !== null && html`<p class="error" role="alert">${error}</p>`}
<section aria-labelledby="recipients"><div class="section-head"><h2 id="recipients">Recipients</h2></div>
${recipientProblems(data)}
${targetsView(data, isAdmin, context)}</section>
<section class="section" aria-labelledby="schedule"><div class="section-head"><h2 id="schedule">Triggers and schedule</h2></div>
${preferencesForm(data, isAdmin, context)}
${muteForm(data, isAdmin, context)}</section>
<section class="section" aria-labelledby="preview"><div class="section-head"><h2 id="preview">Preview</h2></div>
${previewView(app, data.preview)}</section>
<section class="section" aria-labelledby="log"><div class="section-head"><h2 id="log">Delivery log</h2></div>
<p class="section-lead">The last 30 days, newest first.</p>
${logView(data, isAdmin, context)}</section>`;
  return layout({ ...context, title: `${app}: notifications`, body, app, tab: 'notifications' });
}

function recipientProblems({ app, settings, recipients, hasMail }: NotificationsPageData): Html {
  const needsMail = !hasMail && recipients.some(({ type }) => type === 'mail');
  if (recipients.length === 0) {
    return html`<p class="error">No recipients: nothing is sent when <bdi>${app}</bdi> crashes. Add an email address or a webhook${
      !hasMail && html` (for email, first start the portal with ${unbroken('--smtp and --mail-from')})`
    }.</p>`;
  }
  return html`${
    needsMail &&
    html`<p class="error">No mail server is configured, so emails wait and are dropped after one day. Start the portal with ${unbroken('--smtp and --mail-from')}.</p>`
  }${
    settings.isDefault &&
    html`<p class="section-lead">These are the portal’s default recipients. The first recipient that you add replaces them.</p>`
  }`;
}
