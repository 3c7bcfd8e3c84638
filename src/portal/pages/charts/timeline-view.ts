import { type Html, html } from '../../../formats/html.ts';
import { grouped } from '../../../formats/quantity-words.ts';
import { minuteWords } from '../../insight/clock-words.ts';
import type { Timeline } from '../../store/read/timeline-store.ts';
import { signatureUrl } from '../../urls.ts';
import { moment } from '../time-view.ts';
import { userText } from '../user-text.ts';
import { timelineSvg } from './timeline-svg.ts';

/**
 * Crashes over time: bars, what their colors mean, deploys, and the numbers. Scripts draw the same numbers as a chart
 * that answers to the pointer. `ofOne`: the page is about the only signature in it, and needs no legend.
 */
export function timelineView(
  app: string,
  timeline: Timeline,
  nowMs: number,
  { ofOne = false }: { ofOne?: boolean } = {},
): Html {
  const { series, other, deploys } = timeline;
  const hasOther = other.some((count) => count > 0);
  return html`<figure class="card timeline" id="timeline">
<div class="plot">${timelineSvg(timeline, nowMs)}</div>
<ul class="legend" aria-label="Signatures in the chart"${ofOne && html` hidden`}>
${series.map(
  ({ signature, title, counts }, at) =>
    html`<li>${swatch(at)}<a class="clip" href="${signatureUrl(app, signature)}">${userText(title)}</a> <span class="soft">${grouped(sum(counts))}</span></li>
`,
)}${hasOther && html`<li>${swatch(-1)}other <span class="soft">${grouped(sum(other))}</span></li>`}</ul>
${
  deploys.length > 0 &&
  html`<p class="small soft deploys"><span aria-hidden="true">▲</span> Versions first seen: ${deploys
    .slice(-4)
    .toReversed()
    .map(({ version, atMs }, at) => html`${at > 0 && ', '}<bdi>${version}</bdi> ${moment(atMs)}`)}</p>`
}
<details class="more"><summary>Data</summary>${numbers(timeline, hasOther)}</details>
</figure>`;
}

/** Scripts read the chart from this table; rows without a crash are left out. */
function numbers({ fromMs, bucketMs, series, other, deploys }: Timeline, hasOther: boolean): Html {
  const columns = [
    ...series.map(({ title, counts }) => ({ title, counts })),
    ...(hasOther ? [{ title: 'other', counts: other }] : []),
  ];
  const rows = other
    .map((_, at) => ({ atMs: fromMs + at * bucketMs, counts: columns.map(({ counts }) => counts[at] ?? 0) }))
    .filter(({ counts }) => sum(counts) > 0);
  return html`<div class="table-wrap" tabindex="0" role="region" aria-label="Crashes over time"><table data-from="${fromMs}" data-bucket="${bucketMs}" data-buckets="${other.length}" data-deploys="${deploys.map(({ atMs }) => atMs).join(' ')}">
<thead><tr><th scope="col">From</th>${columns.map(({ title }) => html`<th scope="col" class="number"><bdi class="clip">${title}</bdi></th>`)}</tr></thead>
<tbody>${rows.map(
    ({ atMs, counts }) =>
      html`<tr data-at="${atMs}"><th scope="row" class="nowrap">${minuteWords(atMs)}</th>${counts.map((count) => html`<td class="number">${grouped(count)}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}

/** The color of the series at `at`; below zero that of all others. */
export function swatch(at: number): Html {
  return html`<svg class="swatch" aria-hidden="true" focusable="false"><rect class="s${at < 0 || at > 6 ? 0 : at + 1}" width="100%" height="100%"/></svg>`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
