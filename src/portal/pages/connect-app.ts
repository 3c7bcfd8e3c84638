import { type Html, html } from '../../formats/html.ts';
import { isOwner, mayAdminister } from '../access/domain/roles.ts';
import { commandWord } from '../insight/command-word.ts';
import { settingsUrl } from '../urls.ts';
import type { PageContext } from './page-context.ts';

/** What to do where no app reported yet, or another shall. */
export function connectNewApp(portalUrl: string, isFirst: boolean, { account }: PageContext): Html {
  const token = isOwner(account)
    ? html`<form method="get" action="/new-app" class="inline"><label>Name of the app <input name="app" required maxlength="100" placeholder="shop" autocomplete="off"></label><button type="submit">Go to its settings</button></form>`
    : html`<p class="notice">${account.grants.length > 0 ? 'None of your apps has reported yet. Its admin makes the token, in its settings.' : 'You may sign in, but see no app yet: ask an owner of this portal for a role.'}</p>`;
  return html`<div class="head"><div>${!isFirst && html`<p class="crumb"><a href="/">Apps</a></p>`}<h1>${isFirst ? 'Connect your first app' : 'Connect an app'}</h1>
<p class="lead">${isFirst && 'No app has reported yet. '}It takes a token and one command.</p></div></div>
${steps(portalUrl, 'shop', token)}`;
}

/** The same for an app of which nothing was heard yet. */
export function connectApp(app: string, portalUrl: string, { account }: PageContext): Html {
  const token = mayAdminister(account, app)
    ? html`<p class="after-lead"><a class="button" href="${settingsUrl(app)}">Go to its settings</a></p>`
    : html`<p class="notice">An admin of the app makes it, in its settings.</p>`;
  return html`<p class="lead before-card">Nothing has been heard of it yet. It takes a token and one command.</p>
${steps(portalUrl, commandWord(app, 'APP'), token)}`;
}

function steps(portalUrl: string, name: string, token: Html): Html {
  return html`<ol class="card padded connect">
<li><h2>Get a token for the app</h2>
<p>A token lets instances of one app send, and do nothing else. It is shown once.</p>
${token}</li>
<li><h2>Keep it in a file on the instance</h2>
<pre tabindex="0"><code>install -m 600 /dev/null /etc/crashmon-token
cat &gt; /etc/crashmon-token   # paste the token, then Ctrl-D</code></pre></li>
<li><h2>Start the app under Crashmon</h2>
<pre tabindex="0"><code>crashmon run --name ${name} \\
  --portal ${portalUrl} \\
  --portal-token-file /etc/crashmon-token \\
  -- node server.js</code></pre>
<p>The instance appears here by itself within seconds, crash or no crash.</p></li>
</ol>`;
}
