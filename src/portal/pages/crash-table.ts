import { durationWords } from '../insight/duration-words.ts';
import { exceptionCode } from '../insight/exception-code.ts';
import type { CrashEvent } from '../store/portal-store.ts';
import { type Html, html } from './html.ts';
import { moment } from './time-view.ts';
import { appUrl, instanceUrl, signatureUrl } from './urls.ts';

/** Crashes as rows, newest first. */
export function crashTable(app: string, crashes: readonly CrashEvent[], nowMs: number): Html {
  if (crashes.length === 0) return html`<p class="soft">No crash.</p>`;
  return html`<div class="card table-wrap"><table>
<caption class="aside">Crashes, newest first</caption>
<thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col" class="wide">Signature</th><th scope="col">Instance</th><th scope="col" class="wide">Version</th><th scope="col" class="wide">Back</th></tr></thead>
<tbody>${crashes.map(
    (
      crash,
    ) => html`<tr id="row-${crash.uid}"><th scope="row" class="nowrap"><a href="${appUrl(app, { crash: crash.uid })}#crash">${moment(crash.atMs, nowMs)}</a></th>
<td><bdi>${exceptionCode(crash)}</bdi><span class="second">${crash.hasReport ? 'with call stack' : crash.suspected ? 'suspect, counted only' : 'counted only'}</span></td>
<td class="wide"><a href="${signatureUrl(app, crash.signature)}"><bdi>${crash.title}</bdi></a></td>
<td><a href="${instanceUrl(app, crash.instance)}"><bdi>${crash.instance}</bdi></a></td>
<td class="wide"><bdi>${crash.version ?? '–'}</bdi></td>
<td class="wide nowrap">${crash.backAfterMs === null ? '–' : durationWords(crash.backAfterMs)}</td></tr>
`,
  )}</tbody></table></div>`;
}
