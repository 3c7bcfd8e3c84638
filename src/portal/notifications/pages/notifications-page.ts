import { type Html, html } from '../../../formats/html.ts';
import { mayAdminister } from '../../access/domain/roles.ts';
import { layout } from '../../pages/layout.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { logView } from './delivery-log.ts';
import type { NotificationsPageData } from './notifications-page-data.ts';
import { muteForm, preferencesForm } from './preferences-form.ts';
import { previewView } from './preview-view.ts';
import { targetsView } from './recipients-view.ts';

/** Who is told of an app's crashes, when, how that looks, and what was sent. */
export function notificationsPage(data: NotificationsPageData, context: PageContext): string {
  const { app, done, error } = data;
  const isAdmin = mayAdminister(context.account, app);
  const body = html`<link rel="stylesheet" href="${context.assetUrl('notifications.css')}">
<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <bdi>${app}</bdi></p><h1>Notices</h1>
<p class="lead">Who is told when <bdi>${app}</bdi> crashes: once when a crash begins, once if it spreads, and once when it is over.</p></div></div>
${done !== null && html`<p class="notice" role="status">${done}</p>`}
${error !== null && html`<p class="error" role="alert">${error}</p>`}
<section aria-labelledby="who"><div class="section-head"><h2 id="who">Who is told</h2></div>
${whoIsTold(data)}
${targetsView(data, isAdmin, context)}</section>
<section class="section" aria-labelledby="when"><div class="section-head"><h2 id="when">Of what, and when</h2></div>
${preferencesForm(data, isAdmin, context)}
${muteForm(data, isAdmin, context)}</section>
<section class="section" aria-labelledby="preview"><div class="section-head"><h2 id="preview">What they get</h2></div>
${previewView(app, data.preview)}</section>
<section class="section" aria-labelledby="log"><div class="section-head"><h2 id="log">What was sent</h2></div>
<p class="section-lead">The last 30 days, newest first.</p>
${logView(data, isAdmin, context)}</section>`;
  return layout({ ...context, title: `${app}: notices`, body, app, tab: 'notifications' });
}

function whoIsTold({ app, settings, recipients, hasMail }: NotificationsPageData): Html {
  const needsMail = !hasMail && recipients.some(({ type }) => type === 'mail');
  if (recipients.length === 0) {
    return html`<p class="error">Nobody is told of crashes of <bdi>${app}</bdi>. Add a mail address or a webhook${
      !hasMail && ' (for mail, the portal has to be started with --smtp and --mail-from first)'
    }.</p>`;
  }
  return html`${
    needsMail &&
    html`<p class="error">Mails wait and are given up after a day: the portal knows no mail server. Start it with --smtp and --mail-from.</p>`
  }${
    settings.isDefault &&
    html`<p class="section-lead">Nobody chose recipients for this app yet, so the portal's default ones are told. The first one you add here replaces them.</p>`
  }`;
}
