import { type Html, html } from '../../../formats/html.ts';
import { moment } from '../../pages/time-view.ts';
import type { AuditEntry } from '../../store/access/access-store.ts';

const WORDS: Readonly<Record<string, string>> = {
  'first-account': 'created the first account',
  invite: 'invited',
  link: 'created a link for',
  'password-set': 'set the password of',
  'password-changed': 'changed the password of',
  'grant-given': 'granted access',
  'grant-taken': 'removed access',
  'account-removed': 'removed the account',
  'sessions-ended': 'ended the sessions of',
  'token-created': 'created a token',
  'token-revoked': 'revoked a token',
  'api-token-created': 'created an API token',
  'api-token-revoked': 'revoked an API token',
  'api-token-refused': 'used an API token that was refused',
  note: 'wrote a note',
  resolve: 'resolved',
  reopen: 'reopened',
  'session-asked': 'asked for a session',
  'arm-asked': 'asked to arm the next restart',
  'dump-downloaded': 'downloaded the dump',
  'notice-target-added': 'added the recipient',
  'notice-target-removed': 'removed the recipient',
  'notice-unsubscribed': 'unsubscribed',
  'notice-test': 'sent a test notification',
  'notice-choices': 'changed the notification preferences',
  'notice-muted': 'muted notifications',
  'notice-unmuted': 'unmuted notifications',
};

/** Administrative actions, newest first. */
export function auditView(entries: readonly AuditEntry[], withApp: boolean): Html {
  if (entries.length === 0) return html`<p class="soft">No entries yet.</p>`;
  return html`<div class="card table-wrap"><table>
<caption class="aside">Audit log, newest first</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Account</th><th scope="col">Action</th>${withApp && html`<th scope="col" class="wide">App</th>`}</tr></thead>
<tbody>${entries.map(
    ({ atMs, who, what, app, detail }) => html`<tr><td>${moment(atMs)}</td>
<td><bdi>${who}</bdi></td>
<td>${WORDS[what] ?? what}${detail !== '' && html` <bdi class="soft">${detail}</bdi>`}</td>
${withApp && html`<td class="wide">${app === null ? '–' : html`<bdi>${app}</bdi>`}</td>`}</tr>
`,
  )}</tbody></table></div>`;
}
