import { html } from '../../../formats/html.ts';
import { layout } from '../../pages/layout.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { notificationsUrl } from '../../urls.ts';

/** The only page that ever shows the secret of a webhook. */
export function secretPage(
  { app, host, secret }: { app: string; host: string; secret: string },
  context: PageContext,
): string {
  const body = html`<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <a href="${notificationsUrl(app)}"><bdi>${app}</bdi></a></p>
<h1>Webhook added</h1>
<p class="lead">Messages to <bdi>${host}</bdi> are signed with this secret. It is shown only once.</p></div></div>
<section aria-labelledby="of"><div class="section-head"><h2 id="of">Secret</h2><button type="button" class="quiet small" data-copy="secret" hidden>Copy</button></div>
<pre tabindex="0" class="wraps"><code id="secret">${secret}</code></pre>
<p class="hint after-pre">The header <code>X-Crashmon-Signature</code> contains <code>t=&lt;seconds&gt;,v1=&lt;hex&gt;</code>: the HMAC-SHA256 of <code>&lt;t&gt;.&lt;body&gt;</code> with this secret.</p></section>
<p class="section"><a class="button" href="${notificationsUrl(app)}">Done</a></p>`;
  return layout({ ...context, title: `${app}: webhook secret`, body, app, tab: 'notifications' });
}
