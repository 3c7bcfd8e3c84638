import { type Html, html } from '../../formats/html.ts';
import { grouped, plural } from '../../formats/quantity-words.ts';
import { isOwner } from '../access/domain/roles.ts';
import { trendWords, worseWords } from '../insight/worse.ts';
import type { AppSummary } from '../store/read/app-store.ts';
import { appUrl, liveUrl, signatureUrl } from '../urls.ts';
import { dayBars, daySpark } from './charts/day-bars.ts';
import { connectNewApp } from './connect-app.ts';
import { icon } from './icons.ts';
import { layout } from './layout.ts';
import type { PageContext } from './page-context.ts';
import { stateCounts } from './state-view.ts';
import { ago } from './time-view.ts';
import { userText } from './user-text.ts';

/** With more apps than this each is sent in fewer bytes. */
const MANY = 40;

/** All apps that the account may see; those that crashed most in the last day come first. */
export function appsPage(apps: readonly AppSummary[], portalUrl: string, context: PageContext): string {
  const body = apps.length === 0 ? connectNewApp(portalUrl, true, context) : appList(apps, context);
  return layout({ ...context, title: 'Apps', body, live: liveUrl(null, context.version) });
}

/** How to connect another app. */
export function newAppPage(portalUrl: string, context: PageContext): string {
  return layout({ ...context, title: 'Connect an app', body: connectNewApp(portalUrl, false, context) });
}

function appList(apps: readonly AppSummary[], { nowMs, account }: PageContext): Html {
  const sorted = apps.toSorted(
    (a, b) =>
      b.crashesLastDay - a.crashesLastDay || sum(b.days) - sum(a.days) || a.app.localeCompare(b.app, 'en'),
  );
  return html`<div class="head"><div><h1>Apps</h1><p class="lead" data-live-text>${leadSentence(apps)}</p></div>
${isOwner(account) && html`<p><a class="button quiet" href="/new-app">Connect an app</a></p>`}</div>
<ul class="apps">${sorted.map((app) => appItem(app, nowMs, apps.length > MANY))}</ul>`;
}

function leadSentence(apps: readonly AppSummary[]): string {
  const crashed = apps.filter(({ crashesLastDay }) => crashesLastDay > 0).length;
  if (crashed === 0)
    return apps.length === 1
      ? 'No crashes in the last 24 hours.'
      : `No crashes in ${plural(apps.length, 'app')} in the last 24 hours.`;
  if (apps.length === 1) return 'This app crashed in the last 24 hours.';
  return `${grouped(crashed)} of ${grouped(apps.length)} apps crashed in the last 24 hours.`;
}

function appItem(summary: AppSummary, nowMs: number, isOfMany: boolean): Html {
  const { app, instances, crashesLastDay, days, lastCrashAtMs, worse } = summary;
  const trend = trendWords(summary, nowMs);
  const total = sum(days);
  return html`<li class="card app" id="app-${encodeURIComponent(app)}">
<div class="app-name"><h2><a href="${appUrl(app)}">${userText(app)}</a></h2>${stateCounts(instances)}</div>
<div class="app-day"><p class="figure-label">24 hours</p><p class="${crashesLastDay > 0 ? 'big' : 'big zero'}">${grouped(crashesLastDay)}<span class="aside"> ${crashesLastDay === 1 ? 'crash' : 'crashes'}</span></p>
<p class="small ${trend?.includes(' more than ') ? 'trend-up' : 'soft'}">${trend ?? 'no crashes'}</p></div>
<div class="app-days"><p class="figure-label">15 days <b>${grouped(total)}</b><span class="aside"> ${total === 1 ? 'crash' : 'crashes'}</span></p>${isOfMany ? daySpark(days) : dayBars(days, nowMs)}
<p class="small soft">${lastCrashAtMs === null ? 'never crashed' : html`last crash ${ago(lastCrashAtMs, nowMs)}`}</p></div>
${worse.length > 0 && worseList(app, worse)}
</li>
`;
}

function worseList(app: string, worse: AppSummary['worse']): Html {
  return html`<div class="worse"><h3>${icon('worse')}New or increasing</h3><ul>${worse.map(
    (each) =>
      html`<li><a href="${signatureUrl(app, each.signature)}">${userText(each.title)}</a> <span class="soft">${worseWords(each)}</span></li>`,
  )}</ul></div>`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
