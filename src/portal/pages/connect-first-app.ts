import { isOwner } from '../access/roles.ts';
import { type Html, html } from './html.ts';
import type { PageContext } from './page-context.ts';

/** What to do where no app reported yet. */
export function connectFirstApp(portalUrl: string, { account }: PageContext): Html {
  return html`<div class="head"><div><h1>Connect your first app</h1>
<p class="lead">No app has reported yet. It takes a token and one command.</p></div></div>
<ol class="card padded connect">
<li><h2>Get a token for the app</h2>
<p>A token lets instances of one app send, and do nothing else. It is shown once.</p>
${
  isOwner(account)
    ? html`<form method="get" action="/new-app" class="inline"><label>Name of the app <input name="app" required maxlength="100" placeholder="shop" autocomplete="off"></label><button type="submit">Go to its settings</button></form>`
    : html`<p class="notice">An owner of this portal makes it, in the settings of the app. You may sign in but see no app yet: ask for a grant.</p>`
}</li>
<li><h2>Keep it in a file on the instance</h2>
<pre tabindex="0"><code>install -m 600 /dev/null /etc/crashmon-token
cat &gt; /etc/crashmon-token   # paste the token, then Ctrl-D</code></pre></li>
<li><h2>Start the app under Crashmon</h2>
<pre tabindex="0"><code>crashmon run --name shop \\
  --portal ${portalUrl} \\
  --portal-token-file /etc/crashmon-token \\
  -- node server.js</code></pre>
<p>The instance appears here by itself within seconds, crash or no crash.</p></li>
</ol>`;
}
