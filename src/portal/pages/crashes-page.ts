import type { NextSteps } from '../../explain/next-steps.ts';
import { type Html, html } from '../../formats/html.ts';
import { appInsight } from '../insight/app-insight.ts';
import { commandWord } from '../insight/command-word.ts';
import { instanceOutlook } from '../insight/no-stack.ts';
import type { RangeChoice } from '../insight/ranges.ts';
import { appThresholds } from '../insight/thresholds.ts';
import type { CrashDetail, CrashEvent, Page } from '../store/read/crash-store.ts';
import type { DumpSummary } from '../store/read/dump-store.ts';
import type { Fleet, InstanceSummary } from '../store/read/instance-store.ts';
import type { SignatureSummary } from '../store/read/signature-store.ts';
import type { CauseCount, Timeline } from '../store/read/timeline-store.ts';
import { appUrl, historyUrl, liveUrl } from '../urls.ts';
import { timelineView } from './charts/timeline-view.ts';
import { connectApp } from './connect-app.ts';
import { crashSelector } from './crash-selector.ts';
import { crashView } from './crash-view.ts';
import { insightView } from './insight-view.ts';
import { layout } from './layout.ts';
import type { PageContext } from './page-context.ts';
import { rangeLinks } from './range-links.ts';
import { signatureTable } from './signature-table.ts';
import { unbroken } from './unbroken.ts';
import { userText } from './user-text.ts';

/** The history and the API have the rest. */
export const MOST_SIGNATURES = 50;

export type CrashesPageData = {
  app: string;
  range: RangeChoice;
  causes: readonly CauseCount[];
  timeline: Timeline;
  fleet: Fleet;
  signatures: readonly SignatureSummary[];
  captured: Page<CrashEvent>;
  counted: Page<CrashEvent>;
  /** The selected one; null: none in the range. */
  crash: CrashDetail | null;
  /** Of that crash, as it is now; null: the crash has a stack. */
  instance: InstanceSummary | null;
  /** Of that crash; null: none was kept. */
  dump: DumpSummary | null;
  /** What to do about it. */
  next: NextSteps | null;
};

/** Application Crashes: what happened to one app, why, and what to do about it. */
export function crashesPage(data: CrashesPageData, portalUrl: string, context: PageContext): string {
  const { app, range, timeline, signatures } = data;
  const { nowMs } = context;
  const colors = new Map(timeline.series.map(({ signature }, at) => [signature, at]));
  const hasCrashes = signatures.length > 0 || data.crash !== null;
  const isKnown = hasCrashes || Object.values(data.fleet.states).some((count) => count > 0);
  const body = html`<div class="head"><div><p class="crumb"><a href="/">Apps</a> / Application Crashes</p><h1>${userText(app)}</h1></div>
${isKnown && rangeLinks(range.name, (name) => appUrl(app, { range: name }))}</div>
${isKnown ? findings(data) : connectApp(app, portalUrl, context)}
${hasCrashes && html`<section class="section"><div class="section-head"><h2>Timeline</h2><p class="small soft">UTC</p></div>${timelineView(app, timeline, nowMs)}</section>`}
${crashSection(data, nowMs)}
${
  signatures.length > 0 &&
  html`<section class="section" id="signatures"><div class="section-head"><h2>Signatures</h2><p class="small soft">${signatures.length < MOST_SIGNATURES ? 'crashes grouped by cause' : `the ${MOST_SIGNATURES} most frequent`}</p></div>
${signatureTable(app, signatures, colors, nowMs)}</section>`
}`;
  const live = liveUrl(app, context.version);
  return layout({ ...context, title: `${app}: crashes`, body, app, tab: 'crashes', live });
}

function findings(data: CrashesPageData): Html {
  const { app, range, causes, captured, fleet, next } = data;
  const insight = appInsight({
    app,
    causes,
    captured: captured.items.filter(({ hasStack }) => hasStack).length,
    moreCaptured: captured.next !== null,
    rangeWords: range.words,
    fleet,
  });
  const hasCauses = causes.length > 0;
  const { nearest } = fleet;
  // Without a stack, the summary says when one is captured.
  const outlookWords = nearest === null || captured.items.length === 0 ? null : instanceOutlook(nearest);
  return insightView({
    app,
    range: range.name,
    insight,
    thresholds: appThresholds(fleet),
    causes,
    knownCauses: hasCauses ? (next?.knownCauses ?? []) : [],
    steps: hasCauses ? steps(data) : [],
    states: fleet.states,
    outlook: outlookWords,
  });
}

/** Where to look, and what to do in general where no cause is known. */
function steps({ app, range, crash, instance, next, captured }: CrashesPageData): Html[] {
  if (crash === null || next === null) return [];
  if (crash.report === null) {
    const newest = captured.items.find(({ hasStack }) => hasStack);
    const step = withoutStack(app, range.name, newest, instance);
    return step === null ? [] : [step];
  }
  const { place, advice } = next;
  if (crash.report.frames.length === 0) return advice === null ? [] : [html`${unbroken(advice)}`];
  const look =
    place === null
      ? html`See <a href="#crash">the call stack of the crashing thread</a>.`
      : html`See <a href="#crash">the call stack of the crashing thread</a>. Your code nearest to the crash: <code><bdi>${place}</bdi></code>`;
  return [look, ...(advice === null ? [] : [html`${unbroken(advice)}`])];
}

function withoutStack(
  app: string,
  range: string,
  newest: CrashEvent | undefined,
  instance: InstanceSummary | null,
): Html | null {
  if (newest !== undefined) {
    return html`The selected crash has no call stack. <a href="${appUrl(app, { range, crash: newest.uid })}#crash">The latest crash with one</a> may have the same cause.`;
  }
  // Arming helps only a watched instance that can be captured.
  if (instance?.state !== 'watching' || instance.noCapture) return null;
  return html`To capture the next crash without waiting for more, run on ${userText(instance.instance)}: <code>crashmon arm ${commandWord(app, 'APP')} --restart</code>`;
}

function crashSection(
  { app, range, captured, counted, crash, instance, dump }: CrashesPageData,
  nowMs: number,
): Html | null {
  if (crash === null) return null;
  const choices = { captured: captured.items, counted: counted.items, selected: crash.uid };
  return html`<section class="section" id="crash"><div class="section-head"><h2>Call stack of the crashing thread</h2>
<p class="small"><a href="${historyUrl(app, { range: range.name })}">All crashes in this range</a></p></div>
${crashSelector(app, range.name, choices)}
${crashView({ app, crash, instance, dump, nowMs })}</section>`;
}
