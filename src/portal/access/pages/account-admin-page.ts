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
  done: string | null;
  error: string | null;
};

/** For owners: one account. */
export function accountAdminPage(data: AccountAdminPageData, context: PageContext): string {
  const { account, apps, sessions, done, error } = data;
  const { csrf, nowMs } = context;
  const url = accountUrl(account.id);
  const seen =
    account.lastSignInMs === null
      ? 'never signed in'
      : html`last signed in ${ago(account.lastSignInMs, nowMs)}`;
  const body = html`<div class="head"><div><p class="crumb"><a href="/admin">Administration</a> / Accounts</p><h1><bdi>${account.name}</bdi></h1>
<p class="lead">Created ${moment(account.createdAtMs)}, ${seen}. Access: ${accessWords(account)}.</p></div></div>
${done !== null && html`<p class="notice" role="status">${done}</p>`}
${error !== null && html`<p class="error" role="alert">${error}</p>`}
<section aria-labelledby="access"><div class="section-head"><h2 id="access">Access</h2></div>
${grantTable(account, csrf)}
<form method="post" action="${url}/grants" class="inline roomy below form-card">${csrf}${accessFields(apps)}<button type="submit">Grant access</button></form>
${accessHint()}</section>
<section class="section" aria-labelledby="in"><div class="section-head"><h2 id="in">Sign-in</h2></div>
<div class="card rows">
<form method="post" action="${url}/link" class="row">${csrf}<p><b>Password reset link</b><span class="second">Works once, within 24 hours. Earlier links stop working.</span></p><button type="submit" class="quiet">Create link</button></form>
${
  sessions > 0 &&
  html`<form method="post" action="${url}/sessions/end" class="row">${csrf}<p><b>${plural(sessions, 'open session')}</b><span class="second">Ending sessions requires signing in again.</span></p><button type="submit" class="quiet">End all</button></form>`
}
<details class="row"><summary><b>Remove account</b></summary>
<form method="post" action="${url}/remove" class="below">${csrf}<p>The account can no longer sign in, and its sessions and links end. Its entries stay in the audit log, and tokens that it created keep working.</p>
<p class="below"><button type="submit" class="danger">Remove <bdi class="clip">${account.name}</bdi></button></p></form></details>
</div></section>`;
  return layout({ ...context, title: account.name, body });
}

function grantTable(account: Account, csrf: Html | null): Html {
  if (account.grants.length === 0)
    return html`<p class="soft">No access: the account can sign in, but sees no apps.</p>`;
  return html`<div class="card table-wrap"><table><caption class="aside">Access of ${account.name}</caption>
<thead><tr><th scope="col">App</th><th scope="col">Role</th><th scope="col"><span class="aside">Actions</span></th></tr></thead>
<tbody>${account.grants.map(
    (grant) => html`<tr><th scope="row">${grant.app === '*' ? 'all apps' : html`<bdi>${grant.app}</bdi>`}</th>
<td>${grant.app === '*' && grant.role === 'admin' ? 'owner' : grant.role}</td>
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
<h1>${isNew ? html`Invited <bdi>${account.name}</bdi>` : html`Link for <bdi>${account.name}</bdi>`}</h1>
<p class="lead">Send this link to them privately. It sets their password and signs them in. It works once, within 24 hours, and is shown only once.</p></div></div>
<section aria-labelledby="link"><div class="section-head"><h2 id="link">Link</h2><button type="button" class="quiet small" data-copy="address" hidden>Copy</button></div>
<pre tabindex="0" class="wraps"><code id="address">${link}</code></pre></section>
<p class="section"><a class="button" href="/admin">Done</a></p>`;
  return layout({ ...context, title: `Link for ${account.name}`, body });
}
