import { addonWords } from '../../explain/addon-words.ts';
import { addressText, signalText } from '../../explain/fault-facts.ts';
import { faultWords } from '../../explain/fault-words.ts';
import { isInWorkerThread } from '../../explain/is-in-worker-thread.ts';
import { type Html, html } from '../../formats/html.ts';
import { grouped } from '../../formats/quantity-words.ts';
import type { RedactedReport } from '../../model/redacted-report.ts';
import { commandWord } from '../insight/command-word.ts';
import { durationWords } from '../insight/duration-words.ts';
import { exceptionCode } from '../insight/exception-code.ts';
import { exitWords } from '../insight/exit-words.ts';
import { heapWords } from '../insight/heap-words.ts';
import { noStack } from '../insight/no-stack.ts';
import { stackHeading } from '../insight/stack-heading.ts';
import type { CrashDetail, InstanceSummary } from '../store/portal-store.ts';
import { icon } from './icons.ts';
import { named } from './named.ts';
import { reportView } from './report-view.ts';
import { ago, moment, withTimes } from './time-view.ts';
import { instanceUrl, signatureUrl } from './urls.ts';

export type CrashViewInput = {
  app: string;
  crash: CrashDetail;
  /** As it is now; null where it was forgotten. */
  instance: InstanceSummary | null;
  nowMs: number;
};

/** One crash: its stack, or why there is none, and what else is known of it. */
export function crashView(input: CrashViewInput): Html {
  const { app, crash, nowMs } = input;
  const main =
    crash.report === null
      ? noStackView(input)
      : reportView(crash.report, { heading: stackHeading(crash), title: crash.title });
  return html`<div class="crash-grid">
<div class="crash-main" id="crash-${crash.uid}">${main}</div>
<aside class="crash-facts card padded" aria-label="Facts about this crash"><h3>This crash</h3>
<dl class="facts">${facts(app, crash, nowMs).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
${
  !isExternal(crash) &&
  html`<p class="hint">Its message never left the instance. There:</p>
<pre class="command" tabindex="0" aria-label="Command"><code>crashmon show ${commandWord(crash.crashId.slice(0, 8), 'ID')} --private</code></pre>`
}
</aside>
</div>`;
}

function noStackView({ crash, instance, nowMs }: CrashViewInput): Html {
  const reason = noStack(crash, instance, nowMs);
  return html`<div class="card no-stack"><h3><bdi>${exceptionCode(crash)}</bdi>: no call stack</h3>
<p>${withTimes(reason?.why ?? 'Its report was removed with its retention; the crash is still counted.')}</p>
${reason?.outlook != null && html`<p class="outlook">${icon(instance?.state ?? 'silent')}<strong>${withTimes(reason.outlook)}</strong></p>`}</div>`;
}

function facts(app: string, crash: CrashDetail, nowMs: number): [string, Html | string][] {
  const { report, atMs, instance, version, status, uptimeMs, backAfterMs, crashesInWindow, settings } = crash;
  const rows: [string, Html | string | null][] = [
    ['When', html`${moment(atMs)}<br><span class="soft">${ago(atMs, nowMs)}</span>`],
    ['Group', html`<a href="${signatureUrl(app, crash.signature)}">${named(crash.title)}</a>`],
    ['Instance', html`<a href="${instanceUrl(app, instance)}">${named(instance)}</a>`],
    ['Version', version === null ? null : html`<bdi>${version}</bdi>`],
    ['Ended by', exitWords(status)],
    [
      'Verdict',
      html`${crash.reason}${crash.suspected && html` <span class="soft">(a suspect: nothing proves a crash)</span>`}`,
    ],
    ['Fault', report?.fault == null ? null : faultWords(report.fault, report.exceptionType)],
    ['Signal', report === null ? null : signalText(report)],
    ['Address', report === null ? null : addressText(report)],
    ['Emitter', emitterView(report?.emitter)],
    ['Thread', report !== null && isInWorkerThread(report.frames) ? 'a thread of worker_threads' : null],
    ['Add-on', report === null ? null : addonView(report)],
    ['Heap', report?.heap == null ? null : heapWords(report.heap)],
    ['Lived', uptimeMs === null ? null : durationWords(uptimeMs)],
    ['Held', isExternal(crash) || report === null ? null : heldWords(report.hold.ms)],
    ['Back', isExternal(crash) ? null : backWords(backAfterMs)],
    [
      'In window',
      isExternal(crash) ? null : `crash ${grouped(crashesInWindow)} in ${durationWords(settings.windowMs)}`,
    ],
    ['Node.js', report?.nodeVersion ?? null],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, value] as [string, Html | string]]));
}

function addonView({ addon }: RedactedReport): Html | null {
  return addon === undefined ? null : html`<bdi>${addonWords(addon)}</bdi>`;
}

/** Whose 'error' event had no listener. */
function emitterView(emitter: string | null | undefined): Html | null {
  if (emitter === undefined) return null;
  return html`<bdi>${emitter ?? 'an object'}</bdi>, whose <code>error</code> event has no listener`;
}

/** Of another OpenTelemetry sender, which says none of this; crashmon counts each crash in its window. */
const isExternal = ({ crashesInWindow }: CrashDetail): boolean => crashesInWindow === 0;

const backWords = (afterMs: number | null): string =>
  afterMs === null ? 'not known yet' : `after ${durationWords(afterMs)}`;

/** What the capture cost the dying worker. */
function heldWords(ms: number): string {
  return ms > 0 ? `${durationWords(ms)} by the capture` : 'not at all by the capture';
}
