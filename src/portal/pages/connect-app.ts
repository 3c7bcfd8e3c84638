import { type Html, html } from '../../formats/html.ts';
import { isOwner, mayAdminister } from '../access/domain/roles.ts';
import { commandWord } from '../insight/command-word.ts';
import { settingsUrl } from '../urls.ts';
import type { PageContext } from './page-context.ts';

/** How to connect the first app, or another one. */
export function connectNewApp(portalUrl: string, isFirst: boolean, { account }: PageContext): Html {
  const token = isOwner(account)
    ? html`<form method="get" action="/new-app" class="inline"><label>App name <input name="app" required maxlength="100" placeholder="shop" autocomplete="off"></label><button type="submit">Open settings</button></form>`
    : html`<p class="notice">${account.grants.length > 0 ? 'None of your apps has reported yet. An admin of the app creates a token in its settings.' : 'Your account has no access to any app yet. Ask an owner of this portal.'}</p>`;
  return html`<div class="head"><div>${!isFirst && html`<p class="crumb"><a href="/">Apps</a></p>`}<h1>${isFirst ? 'Connect your first app' : 'Connect an app'}</h1>
<p class="lead">${isFirst && 'No app has reported yet. '}Connecting an app takes a token and one command.</p></div></div>
${steps(portalUrl, 'shop', token)}`;
}

/** The same for an app that has not reported yet. */
export function connectApp(app: string, portalUrl: string, { account }: PageContext): Html {
  const token = mayAdminister(account, app)
    ? html`<p class="after-lead"><a class="button" href="${settingsUrl(app)}">Open settings</a></p>`
    : html`<p class="notice">An admin of the app creates it in the settings.</p>`;
  return html`<p class="lead before-card">This app has not reported yet. Connecting it takes a token and one command.</p>
${steps(portalUrl, commandWord(app, 'APP'), token)}`;
}

function steps(portalUrl: string, name: string, token: Html): Html {
  return html`<ol class="card padded connect">
<li><h2>Create a token</h2>
<p>Instances of the app send their data with it. It cannot read anything and is shown only once.</p>
${token}</li>
<li><h2>Save it to a file on the instance</h2>
<pre tabindex="0"><code>install -m 600 /dev/null /etc/crashmon-token
cat &gt; /etc/crashmon-token   # paste the token, then Ctrl-D</code></pre></li>
<li><h2>Start the app with Crashmon</h2>
<pre tabindex="0"><code>crashmon run --name ${name} \\
  --portal ${portalUrl} \\
  --portal-token-file /etc/crashmon-token \\
  -- node server.js</code></pre>
<p>The instance appears here within seconds, with or without a crash.</p></li>
</ol>`;
}
