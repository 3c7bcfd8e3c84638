import { type Html, html } from '../../../formats/html.ts';
import { layout } from '../../pages/layout.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { ago, moment } from '../../pages/time-view.ts';
import type { Account, AuditEntry, IngestToken } from '../../store/access/access-store.ts';
import { settingsUrl } from '../../urls.ts';
import { isOwner } from '../domain/roles.ts';
import { auditView } from './audit-view.ts';

export type SettingsPageData = {
  app: string;
  tokens: readonly IngestToken[];
  /** Accounts that can see the app. */
  people: readonly Account[];
  entries: readonly AuditEntry[];
  done: string | null;
  /** Why granting access failed, and the name that was typed. */
  error: { sentence: string; name: string } | null;
};

/** For admins of the app: tokens, access, audit log. */
export function settingsPage(data: SettingsPageData, context: PageContext): string {
  const { app, done, entries } = data;
  const body = html`<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <bdi>${app}</bdi></p><h1>Settings</h1></div></div>
${done !== null && html`<p class="notice" role="status">${done}</p>`}
<section aria-labelledby="tokens"><div class="section-head"><h2 id="tokens">Tokens</h2></div>
<p class="section-lead">Instances use a token to send data for this app. A token cannot read anything.</p>
${tokenTable(data, context)}
<form method="post" action="${settingsUrl(app)}/tokens" class="inline below form-card">${context.csrf}
<label>Label <input name="label" maxlength="100" placeholder="web servers" autocomplete="off"></label><button type="submit">Create token</button></form></section>
<section class="section" aria-labelledby="people"><div class="section-head"><h2 id="people">Access</h2></div>
<p class="section-lead">Viewers can read. Admins can also write notes, resolve signatures and change these settings.</p>
${peopleTable(data, context)}
${personForm(data, context)}</section>
<section class="section" aria-labelledby="log"><div class="section-head"><h2 id="log">Audit log</h2></div>
${auditView(entries, false)}</section>`;
  return layout({ ...context, title: `${app}: settings`, body, app, tab: 'settings' });
}

function tokenTable({ app, tokens }: SettingsPageData, { nowMs, csrf }: PageContext): Html {
  if (tokens.length === 0)
    return html`<p class="soft">No tokens yet. Create one and start the app with it.</p>`;
  const row = (token: IngestToken) => {
    const { id, label, createdAtMs, createdBy, lastUsedMs, revokedAtMs } = token;
    const name = label === '' ? id : label;
    return html`<tr><th scope="row"><bdi>${name}</bdi>${label !== '' && html`<span class="second mono">${id}</span>`}</th>
<td class="wide">${moment(createdAtMs)} <span class="second">by <bdi>${createdBy}</bdi></span></td>
<td>${lastUsedMs === null ? 'never' : ago(lastUsedMs, nowMs)}</td>
<td class="number">${
      revokedAtMs !== null
        ? html`<span class="soft">revoked ${ago(revokedAtMs, nowMs)}</span>`
        : html`<details class="ask"><summary class="button quiet small">Revoke<span class="aside"> ${name}</span></summary><form method="post" action="${settingsUrl(app)}/tokens/revoke">${csrf}<input type="hidden" name="token" value="${id}"><p>Data sent with this token is rejected from now on.</p><button type="submit" class="danger small">Revoke token</button></form></details>`
    }</td></tr>
`;
  };
  const sorted = tokens.toSorted((a, b) => Number(a.revokedAtMs !== null) - Number(b.revokedAtMs !== null));
  return html`<div class="card table-wrap"><table><caption class="aside">Tokens of ${app}</caption>
<thead><tr><th scope="col">Token</th><th scope="col" class="wide">Created</th><th scope="col">Last used</th><th scope="col"><span class="aside">Actions</span></th></tr></thead>
<tbody>${sorted.map(row)}</tbody></table></div>`;
}

function peopleTable({ app, people }: SettingsPageData, { nowMs, csrf }: PageContext): Html {
  const row = (account: Account) => {
    const grant = account.grants.find((each) => each.app === app);
    const everywhere = account.grants.find((each) => each.app === '*');
    const role = isOwner(account) ? 'owner' : (grant?.role ?? everywhere?.role ?? 'viewer');
    return html`<tr><th scope="row"><bdi>${account.name}</bdi></th>
<td>${role}${everywhere !== undefined && html`<span class="second">of all apps</span>`}</td>
<td class="wide">${account.lastSignInMs === null ? 'never' : ago(account.lastSignInMs, nowMs)}</td>
<td class="number">${
      grant !== undefined &&
      html`<form method="post" action="${settingsUrl(app)}/people/remove">${csrf}<input type="hidden" name="account" value="${account.id}"><button type="submit" class="quiet small">Remove<span class="aside"> ${account.name}</span></button></form>`
    }</td></tr>
`;
  };
  return html`<div class="card table-wrap"><table><caption class="aside">Accounts with access to ${app}</caption>
<thead><tr><th scope="col">Name</th><th scope="col">Role</th><th scope="col" class="wide">Last signed in</th><th scope="col"><span class="aside">Actions</span></th></tr></thead>
<tbody>${people.map(row)}</tbody></table></div>`;
}

function personForm({ app, error }: SettingsPageData, { account, csrf }: PageContext): Html {
  return html`<form method="post" action="${settingsUrl(app)}/people#people" class="inline below form-card">${csrf}
${error !== null && html`<p class="error" role="alert" id="why">${error.sentence}</p>`}
<label>Account name <input name="name" value="${error?.name}" required maxlength="200" autocomplete="off" autocapitalize="none" spellcheck="false"${error !== null && html` aria-describedby="why"`}></label>
<label>Role <select name="role"><option value="viewer">viewer</option><option value="admin">admin</option></select></label>
<button type="submit">Grant access</button></form>
<p class="hint below">${isOwner(account) ? html`To create an account, invite it under <a href="/admin">Administration</a>.` : 'An owner of the portal can invite new accounts.'}</p>`;
}
