import { dumpKindWords } from '../../explain/dump-kind-words.ts';
import { formatByteSize } from '../../formats/byte-size.ts';
import { type Html, html } from '../../formats/html.ts';
import type { DumpGroup } from '../insight/group-dumps.ts';
import type { DumpSummary } from '../store/read/dump-store.ts';
import { appUrl, dumpsUrl, instanceUrl } from '../urls.ts';
import { ago, moment } from './time-view.ts';
import { codeText, userText } from './user-text.ts';

type View = { nowMs: number; csrf: Html | null; mayDownload: boolean };

/** Of one way to end, newest first. */
export function dumpTable(app: string, { exit, dumps }: DumpGroup, view: View): Html {
  return html`<div class="card table-wrap"><table>
<caption class="aside">Dumps of ${exit}, newest first</caption>
<thead><tr><th scope="col">Kept</th><th scope="col">Instance</th><th scope="col" class="wide">Memory</th><th scope="col" class="wide number">Size</th><th scope="col" class="wide">Encrypted</th><th scope="col">Deletion</th></tr></thead>
<tbody>${dumps.map((dump) => row(app, dump, view))}</tbody></table></div>`;
}

function row(app: string, dump: DumpSummary, { nowMs, csrf, mayDownload }: View): Html {
  const { crashUid, id, instance, exceptionType, hasCrash, encrypted, sizeBytes, keptAtMs } = dump;
  const time = moment(keptAtMs);
  return html`<tr><th scope="row">${hasCrash ? html`<a href="${appUrl(app, { crash: crashUid })}#crash">${time}</a>` : time}<span class="second"><code>${id.slice(0, 8)}</code>${exceptionType !== null && html` ${codeText(exceptionType)}`}</span>${mayDownload && dump.hasCopy && downloadForm(app, dump, csrf)}</th>
<td><a href="${instanceUrl(app, instance)}">${userText(instance)}</a></td>
<td class="wide">${memoryWords(dump)}</td><td class="wide number">${formatByteSize(sizeBytes)}</td>
<td class="wide">${encrypted ? 'yes' : 'no'}</td><td>${deletedView(dump, nowMs)}</td></tr>
`;
}

function memoryWords({ kind, full }: DumpSummary): string {
  if (kind !== 'core') return dumpKindWords(kind).name;
  return full ? 'all' : 'trimmed';
}

function downloadForm(app: string, { instance, crashUid, id }: DumpSummary, csrf: Html | null): Html {
  return html`<form method="post" action="${dumpsUrl(app)}">${csrf}<input type="hidden" name="instance" value="${instance}"><input type="hidden" name="crashUid" value="${crashUid}"><button type="submit" class="quiet small" aria-label="Download dump ${id.slice(0, 8)}">Download</button></form>`;
}

/** An instance that is silent has perhaps not deleted it in time. */
function deletedView({ deletedAtMs, expiresAtMs }: DumpSummary, nowMs: number): Html {
  if (deletedAtMs !== null) return html`<span class="soft">deleted ${ago(deletedAtMs, nowMs)}</span>`;
  return expiresAtMs > nowMs
    ? html`<span class="soft">not before</span> ${moment(expiresAtMs)}`
    : html`<span class="soft">due since</span> ${moment(expiresAtMs)}`;
}
