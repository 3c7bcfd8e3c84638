import { stackHeading } from '../../explain/cause-label.ts';
import { totalImpactWords } from '../../explain/impact-words.ts';
import { knownCauses } from '../../explain/known-causes/known-causes.ts';
import { type Html, html } from '../../formats/html.ts';
import { grouped, plural } from '../../formats/quantity-words.ts';
import { factsOf } from '../../model/crash-facts.ts';
import { signatureOf } from '../../signature/signature.ts';
import { dayTrendWords } from '../insight/worse.ts';
import { OTHER_GROUP } from '../store/limits.ts';
import type { CrashEvent, Page } from '../store/read/crash-store.ts';
import type { SignatureDetail } from '../store/read/signature-store.ts';
import type { Timeline } from '../store/read/timeline-store.ts';
import { appUrl, historyUrl, instanceUrl, liveUrl, signatureUrl } from '../urls.ts';
import { timelineView } from './charts/timeline-view.ts';
import { crashTable } from './crash-table.ts';
import { knownCauseView } from './known-cause-view.ts';
import { layout } from './layout.ts';
import type { PageContext } from './page-context.ts';
import { reportView } from './report-view.ts';
import { kindWords, statusTag } from './signature-table.ts';
import { ago, moment } from './time-view.ts';
import { codeText, userText } from './user-text.ts';

export type SignaturePageData = {
  app: string;
  signature: SignatureDetail;
  /** Of the last 15 days, of this signature alone. */
  timeline: Timeline;
  crashes: Page<CrashEvent>;

  mayWrite: boolean;
};

/** Everything about one group of crashes. */
export function signaturePage(data: SignaturePageData, context: PageContext): string {
  const { app, signature, timeline, crashes } = data;
  const { nowMs } = context;
  const { title, crashesTotal, days, instances, firstSeenMs, lastSeenMs, newestReport } = signature;
  const causes = newestReport === null ? [] : knownCauses(factsOf(newestReport));
  const body = html`<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <a href="${appUrl(app)}">${userText(app)}</a> / Signature</p>
<h1>${codeText(title)}</h1><p class="lead">${signature.id === OTHER_GROUP ? OTHER_WORDS : kindWords(signature)} ${statusTag(signature, nowMs)}</p>${resolvedView(signature)}</div>
${data.mayWrite && resolveForm(data, context)}</div>
<dl class="card padded figures">
${figure('Crashes', grouped(crashesTotal))}
${figure('Instances', grouped(instances))}
${figure('First seen', ago(firstSeenMs, nowMs))}
${figure('Last seen', ago(lastSeenMs, nowMs))}
${figure('Trend', dayTrendWords(days))}
${impactFigure(crashes.items)}
</dl>
<section class="section"><div class="section-head"><h2>Last 15 days</h2><p class="small soft">UTC</p></div>${timelineView(app, timeline, nowMs, { ofOne: true })}</section>
${causes.length > 0 && html`<section class="section card padded"><h2>Known cause</h2>${causes.map((cause) => html`<div>${knownCauseView(cause)}</div>`)}</section>`}
<section class="section"><div class="section-head"><h2>Latest call stack</h2>${newestReport !== null && html`<p class="small"><a href="${appUrl(app, { crash: newestReport.uid })}#crash">Show this crash</a></p>`}</div>
${newestReport?.report == null ? html`<p class="soft">No call stack yet. <a href="${appUrl(app)}">The app’s page</a> explains when one will be captured.</p>` : html`<div class="report">${reportView(newestReport.report, { heading: stackHeading(factsOf(newestReport)), title })}</div>`}</section>
<section class="section two">${whereView(app, signature, nowMs)}</section>
${noteView(data, context)}
<section class="section"><div class="section-head"><h2>Crashes</h2><p class="small"><a href="${historyUrl(app, { signature: signature.id })}">Show in history</a></p></div>${crashTable(app, crashes.items, { of: 'signature' })}</section>
${formedView(signature)}`;
  const place = { app, tab: 'crashes', isBelow: true } as const;
  return layout({
    ...context,
    ...place,
    title: `${title} · ${app}`,
    body,
    live: liveUrl(app, context.version),
  });
}

const OTHER_WORDS =
  'Signatures beyond the app’s limit (--max-signatures). The smallest and oldest are counted here together.';

/** Of the crashes in the table below. */
function impactFigure(crashes: readonly CrashEvent[]): Html | null {
  const words = totalImpactWords(crashes.map(({ impact }) => impact));
  return words === null
    ? null
    : figure(`Impact of the latest ${plural(crashes.length, 'crash', 'crashes')}`, words);
}

function figure(name: string, value: Html | string): Html {
  return html`<div class="figure"><dt>${name}</dt><dd>${value}</dd></div>`;
}

function whereView(app: string, { versions, topInstances }: SignatureDetail, nowMs: number): Html {
  return html`<div><h2>Versions</h2><div class="card table-wrap"><table><thead><tr><th scope="col">Version</th><th scope="col" class="number">Crashes</th><th scope="col">Last seen</th></tr></thead>
<tbody>${versions.map(({ version, crashes, lastSeenMs }) => html`<tr><th scope="row"><bdi>${version ?? 'unknown'}</bdi></th><td class="number">${grouped(crashes)}</td><td>${ago(lastSeenMs, nowMs)}</td></tr>`)}</tbody></table></div></div>
<div><h2>Instances</h2><div class="card table-wrap"><table><thead><tr><th scope="col">Instance</th><th scope="col" class="number">Crashes</th><th scope="col">Last seen</th></tr></thead>
<tbody>${topInstances.map(({ instance, crashes, lastSeenMs }) => html`<tr><th scope="row"><a href="${instanceUrl(app, instance)}">${userText(instance)}</a></th><td class="number">${grouped(crashes)}</td><td>${ago(lastSeenMs, nowMs)}</td></tr>`)}</tbody></table></div></div>`;
}

/** When and by which account it was resolved, and whether it crashed again. */
function resolvedView({ status, resolvedAtMs, resolvedBy }: SignatureDetail): Html | null {
  if (resolvedAtMs === null) return null;
  return html`<p class="small soft">Resolved ${moment(resolvedAtMs)}${resolvedBy !== null && html` by <bdi>${resolvedBy}</bdi>`}${status === 'returned' ? '. It crashed again since.' : '. It reopens if it crashes again.'}</p>`;
}

function resolveForm({ app, signature }: SignaturePageData, { csrf }: PageContext): Html {
  const isResolved = signature.status === 'resolved';
  return html`<form method="post" action="${signatureUrl(app, signature.id)}/resolve">${csrf}<input type="hidden" name="resolved" value="${isResolved ? 'no' : 'yes'}"><button class="quiet" type="submit">${isResolved ? 'Reopen' : 'Resolve'}</button></form>`;
}

function noteView({ app, signature, mayWrite }: SignaturePageData, { csrf }: PageContext): Html {
  const { note, id } = signature;
  return html`<section class="section"><h2>Note</h2><div class="card padded">${
    mayWrite
      ? html`<form method="post" action="${signatureUrl(app, id)}/note" class="stacked">${csrf}<label>Findings and links <textarea name="note" maxlength="4000" rows="3">
${note}</textarea></label><button type="submit" class="quiet">Save note</button></form>`
      : html`<p class="note-text">${note === '' ? 'No note yet.' : note}</p>`
  }</div></section>`;
}

/** What the signature is made of. */
function formedView({ values, newestReport, crashesTotal }: SignatureDetail): Html {
  const parts = newestReport === null ? [] : signatureOf(factsOf(newestReport)).parts;
  return html`<section class="section" id="formed"><details class="card fold"><summary><h2>Grouping</h2></summary>
<div class="fold-body"><p>Crashes are grouped by what stays the same across deploys, never by messages, line numbers or addresses.${
    parts.length > 0 && ' Latest call stack, innermost first:'
  }</p>
${parts.length > 0 && html`<ul class="formed">${parts.map(({ used, text, why }) => html`<li class="${used ? 'used' : 'left-out'}"><span class="${used ? 'tag used' : 'tag'}">${used ? 'used' : 'left out'}</span> <code><bdi>${text}</bdi></code> <span class="soft">${why}</span></li>`)}</ul>`}
<p class="small soft">${plural(crashesTotal, 'crash', 'crashes')} grouped by ${values.map((value, at) => html`${at > 0 && ', '}<code><bdi>${value}</bdi></code>`)}.</p></div></details></section>`;
}
