import { causeLabel } from '../../explain/cause-label.ts';
import { processWords } from '../../explain/process-words.ts';
import { formatDuration } from '../../formats/duration.ts';
import { type Html, html } from '../../formats/html.ts';
import type { CrashEvent } from '../store/read/crash-store.ts';
import { appUrl, instanceUrl, signatureUrl } from '../urls.ts';
import { moment } from './time-view.ts';
import { codeText, userText } from './user-text.ts';

/** Crashes as rows, newest first. `of`: what all rows share, so it has no column. */
export function crashTable(
  app: string,
  crashes: readonly CrashEvent[],
  { of = null }: { of?: 'signature' | 'instance' | null } = {},
): Html {
  if (crashes.length === 0) return html`<p class="card padded soft">No crashes.</p>`;
  return html`<div class="card table-wrap"><table class="crashes">
<caption class="aside">Crashes, newest first</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Cause</th>${of !== 'signature' && html`<th scope="col" class="wide">Signature</th>`}${of !== 'instance' && html`<th scope="col">Instance</th>`}<th scope="col" class="wide">Version</th><th scope="col" class="wide number">Restart took</th></tr></thead>
<tbody>${crashes.map(
    (
      crash,
    ) => html`<tr id="row-${crash.uid}"><th scope="row"><a href="${appUrl(app, { crash: crash.uid })}#crash">${moment(crash.atMs)}</a></th>
<td>${codeText(causeLabel(crash))}<span class="second">${stackWords(crash)}${childWords(crash)}</span></td>
${of !== 'signature' && html`<td class="wide"><a href="${signatureUrl(app, crash.signature)}">${codeText(crash.title)}</a></td>`}
${of !== 'instance' && html`<td><a href="${instanceUrl(app, crash.instance)}">${userText(crash.instance)}</a></td>`}
<td class="wide"><bdi>${crash.version ?? '–'}</bdi></td>
<td class="wide number">${crash.backAfterMs === null ? '–' : formatDuration(crash.backAfterMs)}</td></tr>
`,
  )}</tbody></table></div>`;
}

function childWords({ process }: CrashEvent): Html | null {
  const words = processWords(process);
  return words === null ? null : html`, <bdi>${words}</bdi>`;
}

function stackWords({ hasReport, hasStack, suspected }: CrashEvent): Html | string {
  if (hasStack) return html`<b>with call stack</b>`;
  if (hasReport) return 'report without a call stack';
  return suspected ? 'suspected crash, counted only' : 'counted only';
}
