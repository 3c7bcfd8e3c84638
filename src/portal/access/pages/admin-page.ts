import { type Html, html } from '../../../formats/html.ts';
import { plural } from '../../../formats/quantity-words.ts';
import { layout } from '../../pages/layout.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { ago } from '../../pages/time-view.ts';
import type { Account, AuditEntry } from '../../store/access/access-store.ts';
import { MOST_NAME } from '../domain/account-name.ts';
import { accessWords } from '../domain/grant-words.ts';
import { accessFields, accessHint } from './access-fields.ts';
import { accountUrl } from './admin-urls.ts';
import { auditView } from './audit-view.ts';

export type AdminPageData = {
  accounts: readonly Account[];
  /** Names of apps that reported, to choose from. */
  apps: readonly string[];
  entries: readonly AuditEntry[];
  hasMoreEntries: boolean;
  done: string | null;
  /** Why the invitation failed, and the name that was typed. */
  error: { sentence: string; name: string } | null;
};

/** For owners: accounts, invitations, audit log. */
export function adminPage(data: AdminPageData, context: PageContext): string {
  const { accounts, apps, entries, hasMoreEntries, done, error } = data;
  const body = html`<div class="head"><div><h1>Administration</h1><p class="lead">Accounts, invitations and the audit log.</p></div></div>
${done !== null && html`<p class="notice" role="status">${done}</p>`}
<section aria-labelledby="accounts"><div class="section-head"><h2 id="accounts">Accounts</h2></div>
${accountTable(accounts, context)}</section>
<section class="section" aria-labelledby="invite"><div class="section-head"><h2 id="invite">Invite</h2></div>
<form method="post" action="/admin/accounts#invite" class="card padded">${context.csrf}
${error !== null && html`<p class="error" role="alert" id="why">${error.sentence}</p>`}
<div class="inline roomy"><label>Name <input name="name" value="${error?.name}" required maxlength="${MOST_NAME}" autocomplete="off" autocapitalize="none" spellcheck="false"${error !== null && html` aria-describedby="why"`}></label>
${accessFields(apps)}
<button type="submit">Invite</button></div>
${accessHint()}</form></section>
<section class="section" aria-labelledby="log"><div class="section-head"><h2 id="log">Audit log</h2>${hasMoreEntries && html`<a href="/admin/audit">Show all</a>`}</div>
${auditView(entries, true)}</section>`;
  return layout({ ...context, title: 'Administration', body });
}

function accountTable(accounts: readonly Account[], { nowMs, account: own }: PageContext): Html {
  return html`<div class="card table-wrap"><table><caption class="aside">Accounts</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Access</th><th scope="col" class="wide">Last signed in</th></tr></thead>
<tbody>${accounts.map(
    (
      account,
    ) => html`<tr><th scope="row"><a href="${accountUrl(account.id)}"><bdi>${account.name}</bdi></a>${account.id === own.id && html`<span class="second">you</span>`}</th>
<td><bdi>${accessWords(account)}</bdi></td>
<td class="wide">${account.lastSignInMs === null ? 'never' : ago(account.lastSignInMs, nowMs)}</td></tr>
`,
  )}</tbody></table></div>`;
}

export function auditPage(entries: readonly AuditEntry[], context: PageContext): string {
  const body = html`<div class="head"><div><p class="crumb"><a href="/admin">Administration</a></p><h1>Audit log</h1>
<p class="lead">${entries.length > 0 && `The latest ${plural(entries.length, 'entry', 'entries')}. `}Entries are kept for two years.</p></div></div>
${auditView(entries, true)}`;
  return layout({ ...context, title: 'Audit log', body });
}
