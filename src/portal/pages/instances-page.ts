import { type Html, html } from '../../formats/html.ts';
import { grouped, plural } from '../../formats/quantity-words.ts';
import { countStates, INSTANCE_STATES, stateCount } from '../insight/instance-states.ts';
import { replacedOf, type WorkloadSummary, workloadsOf } from '../insight/workloads.ts';
import type { InstanceState, InstanceSummary } from '../store/read/instance-store.ts';
import { appUrl, instancesUrl, instanceUrl, liveUrl } from '../urls.ts';
import { daySpark } from './charts/day-bars.ts';
import { layout } from './layout.ts';
import type { PageContext } from './page-context.ts';
import { stateView } from './state-view.ts';
import { ago } from './time-view.ts';
import { userText } from './user-text.ts';

/** Of one table; others are found by name. */
const MOST_SHOWN = 200;
/** With more instances than this the page has a search field. */
const MANY = 20;

const BY_NEED: readonly InstanceState[] = [
  'armed',
  'cooling-down',
  'silent',
  'disabled',
  'watching',
  'external',
  'folded',
  'stopped',
];

export type FoundInstances = {
  shown: InstanceSummary[];
  found: number;
  all: readonly InstanceSummary[];
  workloads: WorkloadSummary[];
  /** Instances that were left out because others took their place. */
  replaced: number;
};

/**
 * Instances whose name contains `find`, those that need attention first. Replaced ones are found by name only, or if all
 * are asked for.
 */
export function findInstances(
  all: readonly InstanceSummary[],
  { find, withReplaced }: { find: string; withReplaced: boolean },
  nowMs: number,
): FoundInstances {
  const replaced = find !== '' || withReplaced ? new Set<InstanceSummary>() : replacedOf(all, nowMs);
  const found = all.filter(
    (each) => !replaced.has(each) && each.instance.toLowerCase().includes(find.toLowerCase()),
  );
  const shown = found
    .toSorted(
      (a, b) =>
        BY_NEED.indexOf(a.state) - BY_NEED.indexOf(b.state) ||
        b.crashesLastDay - a.crashesLastDay ||
        a.instance.localeCompare(b.instance, 'en'),
    )
    .slice(0, MOST_SHOWN);
  const workloads = workloadsOf(all, nowMs);
  return { shown, found: found.length, all, workloads, replaced: replaced.size };
}

/** All instances of an app, or those that were found. `days`: crashes per day of each. */
export function instancesPage(
  app: string,
  { shown, found, all, workloads, replaced }: FoundInstances,
  days: ReadonlyMap<string, readonly number[]>,
  find: string,
  context: PageContext,
): string {
  const body = html`<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <a href="${appUrl(app)}">${userText(app)}</a></p><h1>Instances</h1><p class="lead" data-live-text>${countWords(all)}</p></div>
${(all.length >= MANY || find !== '') && findForm(app, find)}</div>
${workloads.length > 0 && find === '' && workloadTable(app, workloads)}
${shown.length === 0 ? noneView(app, find) : table(app, shown, days, context.nowMs)}
${replaced > 0 && html`<p class="small soft after-table">${plural(replaced, 'instance')} that stopped or went silent a day ago ${replaced === 1 ? 'was' : 'were'} replaced and ${replaced === 1 ? 'is' : 'are'} not listed. <a href="${instancesUrl(app)}?replaced=shown">List all</a></p>`}
${shown.length < found && html`<p class="small soft after-table">Showing ${grouped(shown.length)} of ${grouped(found)}. Search by name to find the others.</p>`}`;
  return layout({
    ...context,
    title: `${app}: instances`,
    body,
    app,
    tab: 'instances',
    live: liveUrl(app, context.version),
  });
}

/** What the instances belong to: it stays while pods come and go. */
function workloadTable(app: string, workloads: readonly WorkloadSummary[]): Html {
  const rows = workloads.slice(0, MOST_SHOWN).map(
    ({ label, name, running, gone, crashesLastDay }) =>
      html`<tr><th scope="row"><span class="soft">${label}</span> ${userText(name)}</th><td class="number">${grouped(running)}</td><td class="number">${grouped(gone)}</td><td class="number">${grouped(crashesLastDay)}</td></tr>
`,
  );
  return html`<div class="card table-wrap above-table"><table><caption class="aside">Workloads of ${userText(app)}</caption>
<thead><tr><th scope="col">Workload</th><th scope="col" class="number">Running</th><th scope="col" class="number">Gone</th><th scope="col" class="number">24 hours</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function findForm(app: string, find: string): Html {
  return html`<form method="get" action="${instancesUrl(app)}" class="inline no-print" role="search"><label>Name contains <input type="search" name="find" value="${find}" maxlength="100" autocomplete="off"></label><button type="submit" class="quiet">Search</button></form>`;
}

function noneView(app: string, find: string): Html {
  return find === ''
    ? html`<p class="card padded soft">No instance has reported yet. <a href="${appUrl(app)}">The app’s page</a> explains how to connect one.</p>`
    : html`<p class="card padded soft">No instance has <bdi>“${find}”</bdi> in its name. <a href="${instancesUrl(app)}">Show all</a></p>`;
}

function table(
  app: string,
  instances: readonly InstanceSummary[],
  days: ReadonlyMap<string, readonly number[]>,
  nowMs: number,
): Html {
  return html`<div class="card table-wrap"><table><caption class="aside">Instances of ${userText(app)}, those that need attention first</caption>
<thead><tr><th scope="col">Instance</th><th scope="col">State</th><th scope="col" class="wide">Until armed</th><th scope="col" class="wide">15 days</th><th scope="col" class="number">24 hours</th><th scope="col" class="number wide">Total</th><th scope="col" class="wide">Version</th><th scope="col" class="wide">Last crash</th><th scope="col" class="wide">Last seen</th></tr></thead>
<tbody>${instances.map((each) => row(app, each, days.get(each.instance) ?? [], nowMs))}</tbody></table></div>`;
}

function row(app: string, each: InstanceSummary, days: readonly number[], nowMs: number): Html {
  const { instance, state, crashesLastDay, crashesTotal, version, lastSeenMs, lastCrashAtMs } = each;
  return html`<tr id="instance-${encodeURIComponent(instance)}"><th scope="row"><a href="${instanceUrl(app, instance)}">${userText(instance)}</a><span class="second narrow-only">seen ${ago(lastSeenMs, nowMs)}</span></th>
<td>${stateView(state)}<span class="second narrow-only">${untilArmedWords(each)}</span></td><td class="wide">${untilArmed(each)}</td>
<td class="wide">${daySpark(days)}</td>
<td class="number">${grouped(crashesLastDay)}</td><td class="number wide">${grouped(crashesTotal)}</td>
<td class="wide"><bdi>${version ?? '–'}</bdi></td><td class="wide">${lastCrashAtMs === null ? '–' : ago(lastCrashAtMs, nowMs)}</td><td class="wide">${ago(lastSeenMs, nowMs)}</td></tr>
`;
}

/** How many crashes a watched instance has until it is armed. */
export function untilArmed(instance: InstanceSummary): Html | null {
  const words = untilArmedWords(instance);
  if (words === null) return null;
  const least = (instance.settings?.armAfter ?? 0) + 1;
  return html`<span class="until"><progress value="${Math.min(instance.crashesInWindow, least)}" max="${least}" aria-label="${words}"></progress> <span class="small soft">${words}</span></span>`;
}

function untilArmedWords({ state, settings, crashesInWindow, noCapture }: InstanceSummary): string | null {
  if (noCapture) return 'no capture possible';
  if (settings === null || state !== 'watching' || settings.armAfter === 0) return null;
  const least = settings.armAfter + 1;
  return `${Math.min(crashesInWindow, least)} of ${plural(least, 'crash', 'crashes')}`;
}

function countWords(instances: readonly InstanceSummary[]): string {
  const counts = countStates(instances);
  return (Object.keys(INSTANCE_STATES) as InstanceState[])
    .filter((state) => counts[state] > 0)
    .map((state) => stateCount(state, counts[state]))
    .join(', ');
}
