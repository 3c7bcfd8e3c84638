import { type Html, html } from '../../../formats/html.ts';
import { layout } from '../../pages/layout.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { ago, moment } from '../../pages/time-view.ts';
import type { Session } from '../../store/access/access-store.ts';
import { accessWords } from '../domain/grant-words.ts';
import { LEAST_PASSWORD } from '../domain/passwords/password-rules.ts';
import { browserWords } from './browser-words.ts';
import { newPasswordFields } from './new-password-fields.ts';

export type AccountPageData = {
  sessions: readonly Session[];
  /** The session of this request. */
  currentId: string;
  /** Why the password was not changed. */
  error: string | null;
  /** What was done just now. */
  done: string | null;
};

/** One's own account: sessions and password. */
export function accountPage(data: AccountPageData, context: PageContext): string {
  const { account, csrf } = context;
  const { error, done } = data;
  const body = html`<div class="head"><div><h1><bdi>${account.name}</bdi></h1>
<p class="lead">Your access: ${accessWords(account)}.</p></div></div>
${done !== null && html`<p class="notice" role="status">${done}</p>`}
<section class="section" aria-labelledby="sessions"><div class="section-head"><h2 id="sessions">Sessions</h2>
${
  data.sessions.length > 1 &&
  html`<form method="post" action="/account/sessions/others">${csrf}<button type="submit" class="quiet small">Sign out other sessions</button></form>`
}</div>
${sessionTable(data, context)}</section>
<section class="section" aria-labelledby="password"><div class="section-head"><h2 id="password">Password</h2></div>
<form method="post" action="/account/password#password" class="card padded stacked form-card">
${error !== null && html`<p class="error" role="alert" id="why">${error}</p>`}
<label>Current password <input name="current" type="password" autocomplete="current-password" required maxlength="4096"></label>
${newPasswordFields('New password', error !== null)}
<p class="hint" id="rules">At least ${LEAST_PASSWORD} characters. Changing it signs out all other sessions.</p>
<p><button type="submit">Change password</button></p>
${csrf}<input type="hidden" name="name" value="${account.name}" autocomplete="username"></form></section>`;
  return layout({ ...context, title: 'Your account', body });
}

function sessionTable({ sessions, currentId }: AccountPageData, { nowMs, csrf }: PageContext): Html {
  return html`<div class="card table-wrap"><table><caption class="aside">Your sessions</caption>
<thead><tr><th scope="col">Browser</th><th scope="col" class="wide">Signed in</th><th scope="col">Last used</th><th scope="col"><span class="aside">Actions</span></th></tr></thead>
<tbody>${sessions.map(
    ({
      id,
      userAgent,
      createdAtMs,
      lastSeenMs,
    }) => html`<tr><th scope="row"><bdi>${browserWords(userAgent)}</bdi>${id === currentId && html`<span class="second">this browser</span>`}</th>
<td class="wide">${moment(createdAtMs)}</td>
<td>${id === currentId ? 'now' : ago(lastSeenMs, nowMs)}</td>
<td class="number">${
      id !== currentId &&
      html`<form method="post" action="/account/sessions/end">${csrf}<input type="hidden" name="session" value="${id}"><button type="submit" class="quiet small">Sign out<span class="aside"> ${browserWords(userAgent)}</span></button></form>`
    }</td></tr>
`,
  )}</tbody></table></div>`;
}
