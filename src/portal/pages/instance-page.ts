import { type Html, html } from '../../formats/html.ts';
import { plural } from '../../formats/quantity-words.ts';
import { STATE_MEANINGS } from '../insight/instance-states.ts';
import { instanceOutlook } from '../insight/no-stack.ts';
import { thresholdSentences } from '../insight/thresholds.ts';
import type { CrashEvent, Page } from '../store/read/crash-store.ts';
import type { InstanceSummary, StateChange } from '../store/read/instance-store.ts';
import { appUrl, historyUrl, instancesUrl, liveUrl } from '../urls.ts';
import { dayBars } from './charts/day-bars.ts';
import { crashTable } from './crash-table.ts';
import { untilArmed } from './instances-page.ts';
import { layout } from './layout.ts';
import { named } from './named.ts';
import type { PageContext } from './page-context.ts';
import { stateView } from './state-view.ts';
import { ago, moment, withTimes } from './time-view.ts';

export type InstancePageData = {
  app: string;
  instance: InstanceSummary;
  /** Crashes a day, UTC, oldest first, today last. */
  days: readonly number[];
  /** Newest first. */
  changes: readonly StateChange[];
  crashes: Page<CrashEvent>;
};

/** One instance: its state and why, what it was before, its crashes. */
export function instancePage(
  { app, instance, days, changes, crashes }: InstancePageData,
  context: PageContext,
): string {
  const { nowMs } = context;
  const name = instance.instance;
  const body = html`<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <a href="${appUrl(app)}">${named(app)}</a> / <a href="${instancesUrl(app)}">Instances</a></p><h1>${named(name)}</h1></div></div>
<div class="card padded state-card"><p class="state-now">${stateView(instance.state)}</p><p class="lead">${stateSentence(instance)}</p>${untilArmed(instance)}
${thresholdsOf(instance).map((sentence) => html`<p class="small soft">${sentence}</p>`)}</div>
<dl class="figures card padded section">
${figure('24 hours', plural(instance.crashesLastDay, 'crash', 'crashes'))}
${figure('In all', plural(instance.crashesTotal, 'crash', 'crashes'))}
${figure('Version', instance.version ?? 'not known')}
${figure('Crashmon', instance.crashmonVersion ?? 'not known')}
${figure('Worker started', workerStarted(instance, nowMs))}
${figure('Last heard', ago(instance.lastSeenMs, nowMs))}
${figure('First seen', moment(instance.firstSeenMs))}
</dl>
<section class="section"><div class="section-head"><h2>The last 15 days</h2><p class="small soft">UTC</p></div><div class="card padded">${dayBars(days, nowMs)}</div></section>
${explanations(instance)}
<section class="section"><h2>State changes</h2>${
    changes.length === 0
      ? html`<p class="soft">None was reported yet.</p>`
      : html`<ol class="changes">${changes.map(
          ({ atMs, state, cooldownUntilMs }) =>
            html`<li>${moment(atMs)} ${stateView(state)}${cooldownUntilMs !== null && html` <span class="soft">until ${moment(cooldownUntilMs)}</span>`}</li>`,
        )}</ol>`
  }</section>
<section class="section"><div class="section-head"><h2>Its crashes</h2><p class="small"><a href="${historyUrl(app, { instance: name })}">All in history</a></p></div>${crashTable(app, crashes.items, { of: 'instance' })}</section>`;
  const place = { app, tab: 'instances', isBelow: true } as const;
  return layout({
    ...context,
    ...place,
    title: `${name} · ${app}`,
    body,
    live: liveUrl(app, context.version),
  });
}

function figure(name: string, value: Html | string): Html {
  return html`<div class="figure"><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`;
}

/** A heartbeat said it, minutes ago: a worker that crashed since is another one. */
function workerStarted(
  { state, crashmonVersion, workerStartedAtMs, lastCrashAtMs }: InstanceSummary,
  nowMs: number,
): Html | string {
  if (crashmonVersion === null || state === 'silent') return 'not known';
  if (state === 'stopped' || workerStartedAtMs === null) return 'none runs';
  if (lastCrashAtMs !== null && lastCrashAtMs >= workerStartedAtMs) return 'after its last crash';
  return ago(workerStartedAtMs, nowMs);
}

/** Only where a stack can come: not of another sender, nor where no capture is possible. */
function thresholdsOf({ instance, state, noCapture, settings }: InstanceSummary): string[] {
  return settings === null || state === 'external' || noCapture
    ? []
    : thresholdSentences([{ settings, instances: 1, names: [instance] }]);
}

function stateSentence(instance: InstanceSummary): Html {
  const { state, cooldownUntilMs } = instance;
  if (state === 'watching') return withTimes(instanceOutlook(instance));
  if (state === 'stopped') {
    return html`Crashmon ended there at ${moment(instance.lastSeenMs)}, and its worker with it: nothing runs that could crash.`;
  }
  if (state === 'cooling-down' && cooldownUntilMs !== null) {
    return html`A crash was captured: until ${moment(cooldownUntilMs)} crashes are counted, and nothing is captured.`;
  }
  return html`${STATE_MEANINGS[state]}`;
}

function explanations({ state, lostRecords }: InstanceSummary): Html | null {
  const notes = [
    state === 'silent' &&
      html`<p>Crashes that happen while it is silent are kept on the instance and arrive when it can send again. If its crashmon is gone, start it again.</p>`,
    lostRecords > 0 &&
      html`<p>${plural(lostRecords, 'record was', 'records were')} given up by the instance for want of room while it could not send: so many crashes, changes of state or heartbeats are missing here.</p>`,
  ].filter((note) => note !== false);
  return notes.length === 0 ? null : html`<section class="section notice">${notes}</section>`;
}
