import { type Html, html } from '../../../formats/html.ts';
import { plural } from '../../../formats/quantity-words.ts';
import { layout } from '../../pages/layout.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { ago, moment } from '../../pages/time-view.ts';
import type { Account } from '../../store/access/access-store.ts';
import { accessWords, grantWords } from '../domain/grant-words.ts';
import { accessFields, accessHint } from './access-fields.ts';
import { accountUrl } from './admin-urls.ts';

export type AccountAdminPageData = {
  account: Account;
  apps: readonly string[];
  /** How many are open. */
  sessions: number;
  notice: string | null;
  error: string | null;
};

/** For owners: one account. */
export function accountAdminPage(data: AccountAdminPageData, context: PageContext): string {
  const { account, apps, sessions, notice, error } = data;
  const { csrf, nowMs } = context;
  const url = accountUrl(account.id);
  const seen =
    account.lastSignInMs === null
      ? 'never signed in'
      : html`last signed in ${ago(account.lastSignInMs, nowMs)}`;
  const body = html`<div class="head"><div><p class="crumb"><a href="/admin">Administration</a> / Accounts</p><h1><bdi>${account.name}</bdi></h1>
<p class="lead">Made ${moment(account.createdAtMs)}, ${seen}. Access: ${accessWords(account)}.</p></div></div>
${notice !== null && html`<p class="notice" role="status">${notice}</p>`}
${error !== null && html`<p class="error" role="alert">${error}</p>`}
<section aria-labelledby="access"><div class="section-head"><h2 id="access">Access</h2></div>
${grantTable(account, csrf)}
<form method="post" action="${url}/grants" class="inline roomy below form-card">${csrf}${accessFields(apps)}<button type="submit">Give access</button></form>
${accessHint()}</section>
<section class="section" aria-labelledby="in"><div class="section-head"><h2 id="in">Getting in</h2></div>
<div class="card rows">
<form method="post" action="${url}/link" class="row">${csrf}<p><b>A link that sets a new password</b><span class="second">Works once, for a day. Links made before end.</span></p><button type="submit" class="quiet">Make a link</button></form>
${
  sessions > 0 &&
  html`<form method="post" action="${url}/sessions/end" class="row">${csrf}<p><b>${plural(sessions, 'open session')}</b><span class="second">Whoever uses them has to sign in again.</span></p><button type="submit" class="quiet">End all</button></form>`
}
<details class="row"><summary><b>Remove the account</b></summary>
<form method="post" action="${url}/remove" class="below">${csrf}<p>It cannot sign in any more, its sessions and links end. What was done by it stays in the log; tokens it made keep working.</p>
<p class="below"><button type="submit" class="danger">Remove <bdi class="clip">${account.name}</bdi></button></p></form></details>
</div></section>`;
  return layout({ ...context, title: account.name, body });
}

function grantTable(account: Account, csrf: Html | null): Html {
  if (account.grants.length === 0) return html`<p class="soft">None: it can sign in, and sees no app.</p>`;
  return html`<div class="card table-wrap"><table><caption class="aside">Access of ${account.name}</caption>
<thead><tr><th scope="col">App</th><th scope="col">Role</th><th scope="col"><span class="aside">Remove it</span></th></tr></thead>
<tbody>${account.grants.map(
    (
      grant,
    ) => html`<tr><th scope="row">${grant.app === '*' ? 'every app' : html`<bdi>${grant.app}</bdi>`}</th>
<td>${grant.app === '*' && grant.role === 'admin' ? 'admin: owner' : grant.role}</td>
<td class="number"><form method="post" action="${accountUrl(account.id)}/grants/remove">${csrf}<input type="hidden" name="app" value="${grant.app}"><button type="submit" class="quiet small">Remove<span class="aside"> ${grantWords(grant)}</span></button></form></td></tr>
`,
  )}</tbody></table></div>`;
}

/** The only page that ever shows the link. */
export function accountLinkPage(
  { account, link, isNew }: { account: Account; link: string; isNew: boolean },
  context: PageContext,
): string {
  const body = html`<div class="head"><div><p class="crumb"><a href="/admin">Administration</a> / <a href="${accountUrl(account.id)}"><bdi>${account.name}</bdi></a></p>
<h1>${isNew ? html`<bdi>${account.name}</bdi> is invited` : html`A link for <bdi>${account.name}</bdi>`}</h1>
<p class="lead">Send it to them by a way that nobody else reads. It sets their password and signs them in, once, within a day; it is shown this once.</p></div></div>
<section aria-labelledby="link"><div class="section-head"><h2 id="link">Link</h2><button type="button" class="quiet small" data-copy="address" hidden>Copy</button></div>
<pre tabindex="0" class="wraps"><code id="address">${link}</code></pre></section>
<p class="section"><a class="button" href="/admin">Done</a></p>`;
  return layout({ ...context, title: `Link for ${account.name}`, body });
}
