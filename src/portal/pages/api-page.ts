import { html } from '../../formats/html.ts';
import { mayCreateApiTokens } from '../access/domain/api-token-access.ts';
import { layout } from './layout.ts';
import type { PageContext } from './page-context.ts';

export type DescribedEndpoint = {
  method: string;
  path: string;
  summary: string;
  access: string;
  /** What an API token needs; absent: no token can. */
  scope?: string;
  /** Names of the parameters that can follow the `?`. */
  parameters: readonly string[];
};

/** The endpoints of the API and how to use them. */
export function apiPage(endpoints: readonly DescribedEndpoint[], context: PageContext): string {
  const body = html`<div class="head"><div><h1>API</h1><p class="lead">Everything the pages show, as JSON. The <a href="/api/openapi.json">OpenAPI document</a> describes every field.</p></div></div>
<div class="card table-wrap"><table><caption class="aside">Endpoints</caption>
<thead><tr><th scope="col">Request</th><th scope="col" class="wide">Response</th><th scope="col" class="wide">Access</th></tr></thead>
<tbody>${endpoints.map(
    ({
      method,
      path,
      summary,
      access,
      scope,
      parameters,
    }) => html`<tr><th scope="row"><code>${method} ${path}</code>${parameters.length > 0 && html`<span class="second">?${parameters.join(', ')}</span>`}<span class="second narrow-only">${summary}</span></th><td class="wide">${summary}</td><td class="wide nowrap">${FOR[access] ?? access}${scope !== undefined && html`<span class="second">${scope}</span>`}</td></tr>
`,
  )}</tbody></table></div>
<section class="section prose"><h2>Usage</h2>
<p>Programs send an API token, which reads what its scopes name: <code>Authorization: Bearer cmr_…</code>. ${mayCreateApiTokens(context.account) ? html`Create one under <a href="/api-tokens">API tokens</a>.` : 'An admin can create one.'}</p>
<p>Other requests use the session of a signed-in account. Changes also need the header <code>x-csrf-token</code> with the value from <code>GET /api/v1/session</code>. Errors are <code>application/problem+json</code>. Lists are paginated: pass <code>next</code> as <code>after</code>.</p></section>`;
  return layout({ ...context, title: 'API', body });
}

const FOR: Readonly<Record<string, string>> = {
  session: 'all accounts',
  view: 'viewers',
  admin: 'admins',
};
