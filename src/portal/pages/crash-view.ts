import { causeLabel, stackHeading } from '../../explain/cause-label.ts';
import { exitReasonWords } from '../../explain/exit-reason-words.ts';
import { impactWords } from '../../explain/impact-words.ts';
import { processWords } from '../../explain/process-words.ts';
import { reportFacts } from '../../explain/report-facts.ts';
import { formatDuration } from '../../formats/duration.ts';
import { type Html, html } from '../../formats/html.ts';
import { grouped } from '../../formats/quantity-words.ts';
import { factsOf } from '../../model/crash-facts.ts';
import { commandWord } from '../insight/command-word.ts';
import { isKept } from '../insight/group-dumps.ts';
import { noStack } from '../insight/no-stack.ts';
import type { CrashDetail } from '../store/read/crash-store.ts';
import type { DumpSummary } from '../store/read/dump-store.ts';
import type { InstanceSummary } from '../store/read/instance-store.ts';
import { instanceUrl, signatureUrl } from '../urls.ts';
import { icon } from './icons.ts';
import { reportView } from './report-view.ts';
import { dumpCommands } from './sessions-page.ts';
import { ago, moment, withTimes } from './time-view.ts';
import { codeText, userText } from './user-text.ts';

export type CrashViewInput = {
  app: string;
  crash: CrashDetail;
  /** As it is now; null: deleted. */
  instance: InstanceSummary | null;
  /** null: none was kept. */
  dump: DumpSummary | null;
  nowMs: number;
};

/** One crash: its stack, or why there is none, and its facts. */
export function crashView(input: CrashViewInput): Html {
  const { app, crash, dump, nowMs } = input;
  const main =
    crash.report === null
      ? noStackView(input)
      : reportView(crash.report, { heading: stackHeading(factsOf(crash)), title: crash.title });
  return html`<div class="crash-grid">
<div class="crash-main" id="crash-${crash.uid}">${main}</div>
<aside class="crash-facts card padded" aria-label="Facts about this crash"><h3>This crash</h3>
<dl class="facts">${facts(app, crash, nowMs).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
${
  !isExternal(crash) &&
  html`<p class="hint">The exception message and the last output stay on the instance. To print them there:</p>
<pre class="command" tabindex="0" aria-label="Command"><code>crashmon show ${commandWord(crash.crashId.slice(0, 8), 'ID')} --private</code></pre>`
}
${
  dump !== null &&
  isKept(dump) &&
  html`<p class="hint">Its dump is kept on the instance, until ${moment(dump.expiresAtMs)}. To look into it there:</p>
<pre class="command" tabindex="0" aria-label="Commands for the dump"><code>${dumpCommands(dump)}</code></pre>`
}
</aside>
</div>`;
}

function noStackView({ crash, instance, nowMs }: CrashViewInput): Html {
  const reason = noStack(crash, instance, nowMs);
  return html`<div class="card no-stack"><h3>${codeText(causeLabel(crash))}: no call stack</h3>
<p>${withTimes(reason?.why ?? 'The report was deleted after the retention period. The crash is still counted.')}</p>
${reason?.outlook != null && html`<p class="outlook">${icon(instance?.state ?? 'silent')}<strong>${withTimes(reason.outlook)}</strong></p>`}</div>`;
}

function facts(app: string, crash: CrashDetail, nowMs: number): [string, Html | string][] {
  const { report, atMs, instance, version, uptimeMs, backAfterMs, crashesInWindow, settings } = crash;
  const child = processWords(crash.process);
  const rows: [string, Html | string | null][] = [
    ['Time', html`${moment(atMs)}<br><span class="soft">${ago(atMs, nowMs)}</span>`],
    ['Signature', html`<a href="${signatureUrl(app, crash.signature)}">${codeText(crash.title)}</a>`],
    ['Instance', html`<a href="${instanceUrl(app, instance)}">${userText(instance)}</a>`],
    ['Version', version === null ? null : html`<bdi>${version}</bdi>`],
    [
      'Verdict',
      html`${exitReasonWords(crash.reason, crash.status)}${crash.suspected && html` <span class="soft">(suspected crash)</span>`}`,
    ],
    ...reportFacts(factsOf(crash)).map(
      ({ label, value }) => [label, html`<bdi>${value}</bdi>`] as [string, Html],
    ),
    ['Process', child === null ? null : html`<bdi>${child}</bdi>`],
    ['Impact', crash.impact === null ? null : impactWords(crash.impact)],
    ['Uptime', uptimeMs === null ? null : formatDuration(uptimeMs)],
    ['Capture pause', report?.source !== 'capture' ? null : formatDuration(report.hold.ms)],
    [
      child === null ? 'Restart took' : 'Replaced after',
      isExternal(crash) ? null : backAfterMs === null ? 'unknown yet' : formatDuration(backAfterMs),
    ],
    [
      'Crashes in window',
      isExternal(crash) ? null : `crash ${grouped(crashesInWindow)} in ${formatDuration(settings.windowMs)}`,
    ],
  ];
  return rows.flatMap(([name, value]) => (value === null ? [] : [[name, value] as [string, Html | string]]));
}

/** From another OpenTelemetry sender, which reports none of this; crashmon counts each crash in its window. */
const isExternal = ({ crashesInWindow }: CrashDetail): boolean => crashesInWindow === 0;
