import { type Html, html } from '../../../formats/html.ts';
import { moment } from '../../pages/time-view.ts';
import type { AuditEntry } from '../../store/access/access-store.ts';

const WORDS: Readonly<Record<string, string>> = {
  'first-account': 'made the first account',
  invite: 'invited',
  link: 'made a link for',
  'password-set': 'set the password of',
  'password-changed': 'changed the password of',
  'grant-given': 'gave access',
  'grant-taken': 'took access',
  'account-removed': 'removed the account',
  'sessions-ended': 'ended the sessions of',
  'token-created': 'made a token',
  'token-revoked': 'revoked a token',
  note: 'wrote a note',
  resolve: 'resolved',
  reopen: 'reopened',
  'notice-target-added': 'tells now',
  'notice-target-removed': 'tells no longer',
  'notice-unsubscribed': 'unsubscribed',
  'notice-test': 'sent a test notice',
  'notice-choices': 'changed what is told',
  'notice-muted': 'muted the notices',
  'notice-unmuted': 'unmuted the notices',
};

/** Who did what, newest first. */
export function auditView(entries: readonly AuditEntry[], withApp: boolean): Html {
  if (entries.length === 0) return html`<p class="soft">Nothing yet.</p>`;
  return html`<div class="card table-wrap"><table>
<caption class="aside">Administrative acts, newest first</caption>
<thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th>${withApp && html`<th scope="col" class="wide">App</th>`}</tr></thead>
<tbody>${entries.map(
    ({ atMs, who, what, app, detail }) => html`<tr><td>${moment(atMs)}</td>
<td><bdi>${who}</bdi></td>
<td>${WORDS[what] ?? what}${detail !== '' && html` <bdi class="soft">${detail}</bdi>`}</td>
${withApp && html`<td class="wide">${app === null ? '–' : html`<bdi>${app}</bdi>`}</td>`}</tr>
`,
  )}</tbody></table></div>`;
}
