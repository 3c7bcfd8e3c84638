import { grouped } from '../insight/duration-words.ts';
import { INSTANCE_STATES } from '../insight/instance-states.ts';
import type { InstanceState, InstanceSummary } from '../store/portal-store.ts';
import { type Html, html } from './html.ts';
import { layout } from './layout.ts';
import type { PageContext } from './page-context.ts';
import { stateView } from './state-view.ts';
import { ago } from './time-view.ts';
import { instanceUrl, liveUrl } from './urls.ts';

/** All instances of an app; those that need a look come first. */
export function instancesPage(
  app: string,
  instances: readonly InstanceSummary[],
  context: PageContext,
): string {
  const { nowMs } = context;
  const order: InstanceState[] = ['armed', 'cooling-down', 'silent', 'disabled', 'watching'];
  const sorted = instances.toSorted(
    (a, b) =>
      order.indexOf(a.state) - order.indexOf(b.state) ||
      b.crashesLastDay - a.crashesLastDay ||
      a.instance.localeCompare(b.instance, 'en'),
  );
  const body = html`<div class="head"><div><p class="crumb"><a href="/">Apps</a> / <bdi>${app}</bdi></p><h1>Instances</h1><p class="lead">${countWords(instances)}</p></div></div>
${
  instances.length === 0
    ? html`<p class="soft">No instance reported yet.</p>`
    : html`<div class="card table-wrap"><table><caption class="aside">Instances of ${app}</caption>
<thead><tr><th scope="col">Instance</th><th scope="col">State</th><th scope="col" class="number">24 hours</th><th scope="col" class="wide">Until armed</th><th scope="col" class="number wide">In all</th><th scope="col" class="wide">Version</th><th scope="col">Last heard</th></tr></thead>
<tbody>${sorted.map((instance) => row(app, instance, nowMs))}</tbody></table></div>`
}`;
  return layout({
    ...context,
    title: `${app}: instances`,
    body,
    app,
    tab: 'instances',
    live: liveUrl(app, context.version),
  });
}

function row(app: string, each: InstanceSummary, nowMs: number): Html {
  return html`<tr id="instance-${encodeURIComponent(each.instance)}"><th scope="row"><a href="${instanceUrl(app, each.instance)}"><bdi>${each.instance}</bdi></a></th>
<td>${stateView(each.state)}</td><td class="number">${grouped(each.crashesLastDay)}</td>
<td class="wide">${untilArmed(each)}</td><td class="number wide">${grouped(each.crashesTotal)}</td>
<td class="wide"><bdi>${each.version ?? '–'}</bdi></td><td>${ago(each.lastSeenMs, nowMs)}</td></tr>
`;
}

/** How near a watched instance is to being armed. */
export function untilArmed({ state, settings, crashesInWindow }: InstanceSummary): Html | null {
  if (settings === null || state !== 'watching' || settings.armAfter === 0) return null;
  const words = `${Math.min(crashesInWindow, settings.armAfter + 1)} of ${settings.armAfter + 1} crashes`;
  return html`<progress value="${Math.min(crashesInWindow, settings.armAfter + 1)}" max="${settings.armAfter + 1}" aria-label="${words}"></progress> <span class="small soft">${words}</span>`;
}

function countWords(instances: readonly InstanceSummary[]): string {
  const states = Object.keys(INSTANCE_STATES) as InstanceState[];
  return states
    .map((state) => ({ state, count: instances.filter((each) => each.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${grouped(count)} ${INSTANCE_STATES[state]}`)
    .join(', ');
}
