import { KIND_NAMES } from '../../explain/cause-label.ts';
import { type Html, html } from '../../formats/html.ts';
import { grouped } from '../../formats/quantity-words.ts';
import { OTHER_GROUP } from '../store/limits.ts';
import type { SignatureSummary } from '../store/read/signature-store.ts';
import { signatureUrl } from '../urls.ts';
import { daySpark } from './charts/day-bars.ts';
import { swatch } from './charts/timeline-view.ts';
import { ago } from './time-view.ts';
import { codeText } from './user-text.ts';

/** Groups of crashes of one cause. `colors`: place in the chart by the signature's id. */
export function signatureTable(
  app: string,
  signatures: readonly SignatureSummary[],
  colors: ReadonlyMap<string, number>,
  nowMs: number,
): Html {
  return html`<div class="card table-wrap"><table>
<caption class="aside">Signatures in this range, most frequent first</caption>
<thead><tr><th scope="col">Signature</th><th scope="col" class="wide">15 days</th><th scope="col" class="number">Crashes</th><th scope="col" class="number wide">Instances so far</th><th scope="col">Last seen</th><th scope="col" class="wide">First seen</th></tr></thead>
<tbody>${signatures.map(
    (each) => html`<tr id="signature-${each.id}">
<th scope="row">${swatch(colors.get(each.id) ?? -1)}<a href="${signatureUrl(app, each.id)}">${codeText(each.title)}</a> ${statusTag(each, nowMs)}
<span class="second">${kindWords(each)}</span></th>
<td class="wide">${daySpark(each.days)}</td>
<td class="number">${grouped(each.crashes)}</td>
<td class="number wide">${grouped(each.instances)}</td>
<td>${ago(each.lastSeenMs, nowMs)}</td>
<td class="wide">${ago(each.firstSeenMs, nowMs)}</td></tr>
`,
  )}</tbody></table></div>`;
}

/** The kind of a group's crashes, and whether any of them has a call stack. */
export function kindWords({
  id,
  kind,
  hasStack,
}: Pick<SignatureSummary, 'id' | 'kind' | 'hasStack'>): string {
  if (id === OTHER_GROUP) return 'beyond the signature limit, counted together';
  return hasStack ? KIND_NAMES[kind] : `${KIND_NAMES[kind]}, no call stack`;
}

/** New in the last day, resolved or returned. */
export function statusTag(
  { status, firstSeenMs }: Pick<SignatureSummary, 'status' | 'firstSeenMs'>,
  nowMs: number,
): Html | null {
  if (status !== 'open') return html`<span class="tag ${status}">${status}</span>`;
  return nowMs - firstSeenMs < 86_400_000 ? html`<span class="tag new">new</span>` : null;
}
