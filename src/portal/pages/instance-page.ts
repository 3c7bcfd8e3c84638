import { type Html, html } from '../../formats/html.ts';
import { plural } from '../../formats/quantity-words.ts';
import { mayAdminister } from '../access/domain/roles.ts';
import { isKept } from '../insight/group-dumps.ts';
import { STATE_MEANINGS } from '../insight/instance-states.ts';
import { instanceOutlook } from '../insight/no-stack.ts';
import { instanceThresholds } from '../insight/thresholds.ts';
import { workloadFacts } from '../insight/workload-facts.ts';
import type { CrashEvent, Page } from '../store/read/crash-store.ts';
import type { Sessions } from '../store/read/dump-store.ts';
import type { InstanceSummary, StateChange } from '../store/read/instance-store.ts';
import { appUrl, historyUrl, instancesUrl, liveUrl, sessionsUrl } from '../urls.ts';
import { dayBars } from './charts/day-bars.ts';
import { crashTable } from './crash-table.ts';
import { untilArmed } from './instances-page.ts';
import { layout } from './layout.ts';
import type { PageContext } from './page-context.ts';
import { isAsking } from './request-form.ts';
import { stateView } from './state-view.ts';
import { ago, moment, withTimes } from './time-view.ts';
import { userText } from './user-text.ts';

export type InstancePageData = {
  app: string;
  instance: InstanceSummary;
  /** Crashes a day, UTC, oldest first, today last. */
  days: readonly number[];
  /** Newest first. */
  changes: readonly StateChange[];
  crashes: Page<CrashEvent>;
  sessions: Sessions;
};

/** One instance: its state, why, and its crashes. */
export function instancePage(
  { app, instance, days, changes, crashes, sessions }: InstancePageData,
  context: PageContext,
): string {
  const { nowMs } = context;
  const name = instance.instance;
  const isFolded = instance.state === 'folded';
  const body = html`<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <a href="${appUrl(app)}">${userText(app)}</a> / <a href="${instancesUrl(app)}">Instances</a></p><h1>${userText(name)}</h1></div>${mayAdminister(context.account, app) && isAsking(instance) && html`<p class="small no-print"><a href="${sessionsUrl(app, { instance: name })}#requests">Start a session, or arm it</a></p>`}</div>
<div class="card padded state-card"><p class="state-now">${stateView(instance.state)}</p><p class="lead">${stateSentence(instance)}</p>${untilArmed(instance)}
${instanceThresholds(instance).map((sentence) => html`<p class="small soft">${sentence}</p>`)}</div>
<dl class="figures card padded section">
${figure('24 hours', plural(instance.crashesLastDay, 'crash', 'crashes'))}
${figure('Total', plural(instance.crashesTotal, 'crash', 'crashes'))}
${
  !isFolded &&
  html`${figure('Version', instance.version ?? 'unknown')}
${figure('Crashmon', instance.crashmonVersion ?? 'unknown')}
${figure('Worker started', workerStarted(instance, nowMs))}`
}
${figure('Last seen', ago(instance.lastSeenMs, nowMs))}
${figure('First seen', moment(instance.firstSeenMs))}
</dl>
${runsAs(instance)}
${sessionHint(app, sessions)}
<section class="section"><div class="section-head"><h2>Last 15 days</h2><p class="small soft">UTC</p></div><div class="card padded">${dayBars(days, nowMs)}</div></section>
${explanations(instance)}
${!isFolded && changesSection(changes)}
${
  isFolded
    ? html`<p class="section">The crashes are in the <a href="${historyUrl(app)}">history</a>, under the names that the instances had.</p>`
    : html`<section class="section"><div class="section-head"><h2>Crashes</h2><p class="small"><a href="${historyUrl(app, { instance: name })}">Show in history</a></p></div>${crashTable(app, crashes.items, { of: 'instance' })}</section>`
}`;
  const place = { app, tab: 'instances', isBelow: true } as const;
  return layout({
    ...context,
    ...place,
    title: `${name} · ${app}`,
    body,
    live: liveUrl(app, context.version),
  });
}

function changesSection(changes: readonly StateChange[]): Html {
  return html`<section class="section"><h2>State changes</h2>${
    changes.length === 0
      ? html`<p class="soft">None reported yet.</p>`
      : html`<ol class="changes">${changes.map(
          ({ atMs, state, cooldownUntilMs }) =>
            html`<li>${moment(atMs)} ${stateView(state)}${cooldownUntilMs !== null && html` <span class="soft">until ${moment(cooldownUntilMs)}</span>`}</li>`,
        )}</ol>`
  }</section>`;
}

/** That a session runs, or dumps are kept. */
function sessionHint(app: string, { sessions, dumps }: Sessions): Html | null {
  const running = sessions.find(({ state }) => state === 'running');
  const kept = dumps.filter(isKept).length;
  if (running === undefined && kept === 0) return null;
  return html`<section class="section"><div class="section-head"><h2>Dumps</h2><p class="small"><a href="${sessionsUrl(app)}">Show sessions</a></p></div><div class="card padded">${
    running !== undefined &&
    html`<p>A session keeps dumps until ${moment(running.endsAtMs)}, ${running.maxDumps} at most.</p>`
  }<p>${kept === 0 ? 'None is kept so far.' : `${plural(kept, 'dump is', 'dumps are')} kept on the instance.`}</p></div></section>`;
}

/** As its supervisor calls it. */
function runsAs({ workload = {} }: InstanceSummary): Html | null {
  const facts = workloadFacts(workload);
  if (facts.length === 0) return null;
  return html`<section class="section"><h2>Supervisor</h2><dl class="figures card padded">${facts.map(({ label, value }) => figure(label, value))}</dl></section>`;
}

function figure(name: string, value: Html | string): Html {
  return html`<div class="figure"><dt>${name}</dt><dd><bdi>${value}</bdi></dd></div>`;
}

/** From a heartbeat, which can be minutes old: the worker may have crashed since. */
function workerStarted(
  { state, crashmonVersion, workerStartedAtMs, lastCrashAtMs }: InstanceSummary,
  nowMs: number,
): Html | string {
  if (crashmonVersion === null || state === 'silent') return 'unknown';
  if (state === 'stopped' || workerStartedAtMs === null) return 'not running';
  if (lastCrashAtMs !== null && lastCrashAtMs >= workerStartedAtMs) return 'after its last crash';
  return ago(workerStartedAtMs, nowMs);
}

function stateSentence(instance: InstanceSummary): Html {
  const { state, cooldownUntilMs } = instance;
  if (state === 'watching') return withTimes(instanceOutlook(instance));
  if (state === 'stopped') {
    return html`Crashmon and its worker ended at ${moment(instance.lastSeenMs)}. The app is not running on this instance.`;
  }
  if (state === 'cooling-down' && cooldownUntilMs !== null) {
    return html`A crash was captured. Until ${moment(cooldownUntilMs)}, crashes are only counted.`;
  }
  return html`${STATE_MEANINGS[state]}`;
}

function explanations({ state, lostRecords }: InstanceSummary): Html | null {
  const notes = [
    state === 'silent' &&
      html`<p>While the instance cannot send, its crashes are stored there and sent later. If Crashmon is not running there, start it again.</p>`,
    lostRecords > 0 &&
      html`<p>The instance could not send and ran out of space, so it dropped ${plural(lostRecords, 'record')}. Crashes, state changes or heartbeats are missing here.</p>`,
  ].filter((note) => note !== false);
  return notes.length === 0 ? null : html`<section class="section notice">${notes}</section>`;
}
