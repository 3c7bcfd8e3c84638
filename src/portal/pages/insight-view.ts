import type { KnownCause } from '../../explain/known-causes/known-cause.ts';
import { type Html, html } from '../../formats/html.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { AppInsight } from '../insight/app-insight.ts';
import { causesByCode } from '../insight/causes-by-code.ts';
import type { InstanceState } from '../store/read/instance-store.ts';
import type { CauseCount } from '../store/read/timeline-store.ts';
import { historyUrl, instancesUrl } from '../urls.ts';
import { icon } from './icons.ts';
import { knownCauseView } from './known-cause-view.ts';
import { stateCounts } from './state-view.ts';
import { withTimes } from './time-view.ts';

/** The rest is one line. */
const MOST_CODES = 10;

export type InsightView = {
  app: string;
  range: string;
  insight: AppInsight;
  /** When stacks are recorded, with the real thresholds. */
  thresholds: readonly string[];
  causes: readonly CauseCount[];
  /** Of the crash that is shown. */
  knownCauses: readonly KnownCause[];
  steps: readonly Html[];
  states: Readonly<Record<InstanceState, number>>;
  /** What the next crash will do; null: stated elsewhere. */
  outlook: string | null;
};

/** The summary: what was detected, and next steps. */
export function insightView(view: InsightView): Html {
  const { app, range, insight, thresholds, causes, knownCauses, steps, states, outlook } = view;
  const { tone, headline, rest } = insight;
  const hasInstances = Object.values(states).some((count) => count > 0);
  const rows = [
    (knownCauses.length > 0 || steps.length > 0) &&
      row(
        'Next steps',
        html`${steps.map((step) => html`<p>${step}</p>`)}${knownCauses.map((cause) => html`<div class="known">${knownCauseView(cause)}</div>`)}`,
      ),
    causes.length > 0 && row('Exception codes', codes(app, range, causes)),
    hasInstances &&
      row(
        'Instances',
        html`<a class="states-link" href="${instancesUrl(app)}">${stateCounts(states)}</a>${outlook !== null && html`<p>${withTimes(outlook)}</p>`}`,
      ),
    thresholds.length > 0 &&
      row(
        'Capture',
        thresholds.map((sentence) => html`<p>${sentence}</p>`),
      ),
  ].filter((each) => each !== false);
  return html`<section class="card insight ${tone}" id="insight" aria-labelledby="finding">
<div class="insight-head"><span class="insight-sign">${icon(tone === 'calm' ? 'good' : 'crash')}</span>
<div><h2 id="finding" data-live-text><bdi>${headline}</bdi></h2><p class="lead">${withTimes(rest)}</p></div></div>
${rows.length > 0 && html`<dl>${rows}</dl>`}
</section>`;
}

function row(name: string, value: Html | readonly Html[]): Html {
  return html`<dt>${name}</dt><dd>${value}</dd>
`;
}

function codes(app: string, range: string, causes: readonly CauseCount[]): Html {
  const all = causesByCode(causes);
  const shown = all.length <= MOST_CODES + 1 ? all : all.slice(0, MOST_CODES);
  const rest = all.slice(shown.length);
  return html`<ul class="codes">${shown.map(
    ({ code, crashes, kind, known }) =>
      html`<li>${crashLink(app, { range, kind }, crashes)} <span><bdi>${code}</bdi>${known !== null && html` <span class="soft">${known}</span>`}</span></li>`,
  )}${
    rest.length > 0 &&
    html`<li>${crashLink(
      app,
      { range },
      rest.reduce((sum, { crashes }) => sum + crashes, 0),
    )} <span class="soft">${plural(rest.length, 'other code')}</span></li>`
  }</ul>`;
}

function crashLink(app: string, query: Parameters<typeof historyUrl>[1], crashes: number): Html {
  return html`<a href="${historyUrl(app, query)}">${plural(crashes, 'crash', 'crashes')}</a>`;
}
