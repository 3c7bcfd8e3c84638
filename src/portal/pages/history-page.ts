import { KIND_NAMES } from '../../explain/cause-label.ts';
import { type Html, html } from '../../formats/html.ts';
import { grouped } from '../../formats/quantity-words.ts';
import type { CrashKind } from '../../model/exit.ts';
import { MOST_EXPORTED } from '../insight/export-history.ts';
import { RANGES, type RangeName, rangeChoice } from '../insight/ranges.ts';
import type { CrashEvent, Page } from '../store/read/crash-store.ts';
import { appUrl, historyUrl, liveUrl } from '../urls.ts';
import { crashTable } from './crash-table.ts';
import { layout } from './layout.ts';
import type { PageContext } from './page-context.ts';
import { userText } from './user-text.ts';

/** More instances than this are no list to choose from. */
const MOST_CHOICES = 100;

/** The filters, as in the address; undefined: not filtered. */
type HistoryQuery = {
  range: RangeName;
  kind?: CrashKind | undefined;
  signature?: string | undefined;
  instance?: string | undefined;
  version?: string | undefined;
  captured?: 'yes' | 'no' | undefined;
  after?: string | undefined;
};

export type HistoryPageData = {
  app: string;
  query: HistoryQuery;
  page: Page<CrashEvent>;
  signatures: readonly { id: string; title: string }[];
  instances: readonly string[];
};

/** Every crash of an app, with filters; a page at a time. */
export function historyPage(data: HistoryPageData, context: PageContext): string {
  const { app, query, page } = data;
  const { after: _, ...filters } = query;
  const body = html`<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <a href="${appUrl(app)}">${userText(app)}</a></p><h1>History</h1></div>
<p class="small exports no-print"><span class="soft">Export (latest ${grouped(MOST_EXPORTED)}):</span> <a href="${historyUrl(app, filters, '.csv')}">CSV</a> <a href="${historyUrl(app, filters, '.json')}">JSON</a></p></div>
${filterForm(data)}
<section class="section" aria-label="Crashes">${page.items.length === 0 ? noneView(data) : crashTable(app, page.items)}
<nav class="pager" aria-label="Pages">${query.after !== undefined && html`<a class="button quiet" href="${historyUrl(app, filters)}">Latest</a>`}${
    page.next !== null &&
    html`<a class="button quiet" rel="next" href="${historyUrl(app, { ...filters, after: page.next })}">Older crashes</a>`
  }</nav></section>`;
  return layout({
    ...context,
    title: `${app}: history`,
    body,
    app,
    tab: 'history',
    live: query.after === undefined ? liveUrl(app, context.version) : null,
  });
}

function noneView({ app, query }: HistoryPageData): Html {
  const { range, ...filters } = query;
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return html`<p class="card padded soft">No ${isFiltered && 'matching '}crashes in ${rangeChoice(range).words}.${isFiltered && html` <a href="${historyUrl(app, { range })}">Clear filters</a>`}</p>`;
}

function filterForm({ app, query, signatures, instances }: HistoryPageData): Html {
  const known = signatures.some(({ id }) => id === query.signature) || query.signature === undefined;
  return html`<form method="get" action="${historyUrl(app)}" class="card padded inline filters no-print">
${select(
  'range',
  'Range',
  RANGES.map(({ name, short }) => [name, short]),
  query.range,
)}
${select('kind', 'Kind', [['', 'all'], ...Object.entries(KIND_NAMES)], query.kind)}
${select('signature', 'Signature', [['', 'all'], ...(known ? [] : [[query.signature ?? '', 'this one'] as const]), ...signatures.map(({ id, title }) => [id, title] as const)], query.signature)}
${instances.length > MOST_CHOICES ? typed('instance', 'Instance', query.instance) : select('instance', 'Instance', [['', 'all'], ...instances.map((name) => [name, name] as const)], query.instance)}
${select(
  'captured',
  'Report',
  [
    ['', 'all'],
    ['yes', 'with report'],
    ['no', 'counted only'],
  ],
  query.captured,
)}
${typed('version', 'Version', query.version)}
<button type="submit">Filter</button></form>`;
}

function typed(name: string, label: string, value: string | undefined): Html {
  return html`<label>${label} <input name="${name}" value="${value ?? ''}" maxlength="300" placeholder="all" autocomplete="off"></label>`;
}

function select(
  name: string,
  label: string,
  options: readonly (readonly [string, string])[],
  chosen: string | undefined,
): Html {
  return html`<label>${label} <select name="${name}">${options.map(
    ([value, text]) =>
      html`<option value="${value}"${value === (chosen ?? '') && html` selected`}>${text}</option>`,
  )}</select></label>`;
}
