import { type Html, html } from '../../../formats/html.ts';
import { listWords } from '../../../formats/quantity-words.ts';
import { layout } from '../../pages/layout.ts';
import type { PageContext } from '../../pages/page-context.ts';
import { ago, moment } from '../../pages/time-view.ts';
import type { ApiScope, ApiToken } from '../../store/access/access-store.ts';
import { API_SCOPE_NAMES, API_SCOPES } from '../domain/api-scopes.ts';
import { MOST_TOKEN_NAME } from '../domain/create-api-token.ts';
import { isOwner } from '../domain/roles.ts';

/** As the form was sent. */
export type ApiTokenForm = {
  name: string;
  scopes: readonly string[];
  reach: 'all' | 'some';
  apps: string;
  days: string;
};

export type ApiTokensPageData = {
  tokens: readonly ApiToken[];
  /** By account ID; removed accounts are missing. */
  names: ReadonlyMap<string, string>;
  done: string | null;
  error: { sentence: string; form: ApiTokenForm } | null;
};

/** Days that a token is valid. */
export const VALID_DAYS = ['7', '30', '90', '365'] as const;
const EMPTY: ApiTokenForm = { name: '', scopes: ['crashes:read'], reach: 'all', apps: '', days: '90' };

/** For admins: API tokens of their own, for owners of all accounts. */
export function apiTokensPage(data: ApiTokensPageData, context: PageContext): string {
  const { done } = data;
  const body = html`<div class="head"><div><p class="crumb"><a href="/api">API</a></p><h1>API tokens</h1>
<p class="lead">Programs use a token to read the API and metrics. A token cannot change anything, and sees at most what its account sees.</p></div></div>
${done !== null && html`<p class="notice" role="status">${done}</p>`}
<section aria-labelledby="tokens"><div class="section-head"><h2 id="tokens">${isOwner(context.account) ? 'Tokens of all accounts' : 'Your tokens'}</h2></div>
${tokenTable(data, context)}</section>
<section class="section" aria-labelledby="create"><div class="section-head"><h2 id="create">Create a token</h2></div>
${createForm(data, context)}</section>`;
  return layout({ ...context, title: 'API tokens', body });
}

function tokenTable({ tokens, names }: ApiTokensPageData, { account, nowMs, csrf }: PageContext): Html {
  if (tokens.length === 0) return html`<p class="soft">No API tokens yet.</p>`;
  const withAccount = isOwner(account);
  const row = (token: ApiToken) => {
    const { id, name, scopes, apps, lastUsedMs } = token;
    const ended = endedWords(token, names, nowMs);
    return html`<tr><th scope="row"><bdi>${name}</bdi><span class="second mono">cmr_${id}…</span></th>
<td>${scopes.map((scope) => html`<span class="nowrap">${scope}</span> `)}<span class="second"><bdi>${apps === null ? 'all apps of the account' : listWords(apps, 4)}</bdi></span></td>
${withAccount && html`<td class="wide"><bdi>${names.get(token.accountId) ?? 'removed account'}</bdi></td>`}
<td class="wide">${lastUsedMs === null ? 'never' : ago(lastUsedMs, nowMs)}</td>
<td class="wide">${moment(token.expiresAtMs)}</td>
<td class="number">${
      ended !== null
        ? html`<span class="soft">${ended}</span>`
        : html`<details class="ask"><summary class="button quiet small">Revoke<span class="aside"> ${name}</span></summary><form method="post" action="/api-tokens/revoke">${csrf}<input type="hidden" name="token" value="${id}"><p>Requests with this token are refused from now on.</p><button type="submit" class="danger small">Revoke token</button></form></details>`
    }</td></tr>
`;
  };
  const isEnded = (token: ApiToken) => Number(endedWords(token, names, nowMs) !== null);
  const sorted = tokens.toSorted((a, b) => isEnded(a) - isEnded(b));
  return html`<div class="card table-wrap"><table><caption class="aside">API tokens</caption>
<thead><tr><th scope="col">Token</th><th scope="col">Reads</th>${withAccount && html`<th scope="col" class="wide">Account</th>`}<th scope="col" class="wide">Last used</th><th scope="col" class="wide">Expires</th><th scope="col"><span class="aside">Actions</span></th></tr></thead>
<tbody>${sorted.map(row)}</tbody></table></div>`;
}

function endedWords(
  token: ApiToken,
  names: ReadonlyMap<string, string>,
  nowMs: number,
): Html | string | null {
  if (token.revokedAtMs !== null) return html`revoked ${ago(token.revokedAtMs, nowMs)}`;
  if (token.expiresAtMs <= nowMs) return 'expired';
  return names.has(token.accountId) ? null : 'account removed';
}

function createForm({ error }: ApiTokensPageData, { csrf }: PageContext): Html {
  const { name, scopes, reach, apps, days } = error?.form ?? EMPTY;
  const scope = (each: ApiScope) =>
    html`<label><input type="checkbox" name="scope" value="${each}"${scopes.includes(each) && html` checked`}> <b>${each}</b>: ${API_SCOPES[each]}</label>`;
  const choice = (value: ApiTokenForm['reach'], words: string) =>
    html`<label><input type="radio" name="reach" value="${value}"${reach === value && html` checked`}> ${words}</label>`;
  return html`<form method="post" action="/api-tokens#create" class="card padded stacked form-card">${csrf}
${error !== null && html`<p class="error" role="alert" id="why">${error.sentence}</p>`}
<label>Name <input name="name" value="${name}" required maxlength="${MOST_TOKEN_NAME}" placeholder="Grafana" autocomplete="off"${error !== null && html` aria-describedby="why"`}></label>
<fieldset><legend>Scopes</legend><div class="boxes one">${API_SCOPE_NAMES.map(scope)}</div></fieldset>
<fieldset><legend>Apps</legend><div class="boxes one">${choice('all', 'all apps that your account can see')}${choice('some', 'only these:')}</div>
<textarea name="apps" rows="2" maxlength="11000" aria-label="Apps, one per line" placeholder="one per line" autocapitalize="none" spellcheck="false">${apps}</textarea></fieldset>
<label>Valid for <select name="days">${VALID_DAYS.map((each) => html`<option value="${each}"${each === days && html` selected`}>${each} days</option>`)}</select></label>
<p><button type="submit">Create token</button></p></form>`;
}

/** The only page that ever shows the token. */
export function newApiTokenPage(
  { token, secret, portalUrl }: { token: ApiToken; secret: string; portalUrl: string },
  context: PageContext,
): string {
  const path = token.scopes.includes('crashes:read')
    ? '/api/v1/apps'
    : EXAMPLES[token.scopes[0] ?? 'crashes:read'];
  const body = html`<div class="head"><div><p class="crumb"><a href="/api">API</a> / <a href="/api-tokens">API tokens</a></p>
<h1>New API token <bdi>${token.name}</bdi></h1>
<p class="lead">It is shown only once. The portal stores only its hash. It expires ${moment(token.expiresAtMs)}.</p></div></div>
<section aria-labelledby="token"><div class="section-head"><h2 id="token">Token</h2><button type="button" class="quiet small" data-copy="secret" hidden>Copy</button></div>
<pre tabindex="0" class="wraps"><code id="secret">${secret}</code></pre></section>
<section class="section" aria-labelledby="use"><div class="section-head"><h2 id="use">Usage</h2></div>
<pre tabindex="0"><code>curl -H "Authorization: Bearer $(cat crashmon-api-token)" ${portalUrl}${path}</code></pre>
<p class="hint after-pre">Keep the token in a file that only the program can read. It is accepted only in this header, never in an address.</p></section>
<p class="section"><a class="button" href="/api-tokens">Done</a></p>`;
  return layout({ ...context, title: 'New API token', body });
}

const EXAMPLES: Readonly<Record<ApiScope, string>> = {
  'crashes:read': '/api/v1/apps',
  'fleet:read': '/api/v1/apps/APP/instances',
  'metrics:read': '/metrics',
};
