import { html } from '../../../formats/html.ts';
import { layout } from '../../pages/layout.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { settingsUrl } from '../../urls.ts';
import { runCommands } from '../domain/run-commands.ts';

/** The only page that ever shows a token. */
export function newTokenPage(
  { app, secret, portalUrl }: { app: string; secret: string; portalUrl: string },
  context: PageContext,
): string {
  const commands = runCommands({ app, secret, portalUrl });
  const body = html`<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <a href="${settingsUrl(app)}"><bdi>${app}</bdi></a></p>
<h1>New token for <bdi>${app}</bdi></h1>
<p class="lead">It is shown only once. The portal stores only its hash.</p></div></div>
<section aria-labelledby="token"><div class="section-head"><h2 id="token">Token</h2><button type="button" class="quiet small" data-copy="secret" hidden>Copy</button></div>
<pre tabindex="0" class="wraps"><code id="secret">${secret}</code></pre></section>
<section class="section" aria-labelledby="command"><div class="section-head"><h2 id="command">Start the app</h2><button type="button" class="quiet small" data-copy="commands" hidden>Copy</button></div>
<pre tabindex="0"><code id="commands">${commands}</code></pre>
<p class="hint after-pre">Replace <code>node server.js</code> with your own command. The instance appears under <a href="/">Apps</a> within seconds, with or without a crash.</p></section>
<p class="section"><a class="button" href="${settingsUrl(app)}">Done</a></p>`;
  return layout({ ...context, title: `${app}: new token`, body, app, tab: 'settings' });
}
