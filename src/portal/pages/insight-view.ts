import type { AppInsight } from '../insight/app-insight.ts';
import { plural } from '../insight/duration-words.ts';
import { exceptionCode } from '../insight/exception-code.ts';
import type { CauseCount } from '../store/portal-store.ts';
import { type Html, html } from './html.ts';
import { icon } from './icons.ts';
import { historyUrl } from './urls.ts';

export type InsightView = {
  app: string;
  range: string;
  insight: AppInsight;
  /** When stacks are recorded, with the real thresholds. */
  thresholds: readonly string[];
  causes: readonly CauseCount[];
  steps: readonly Html[];
};

/** The finding: what was detected, why it is known, what to do next. */
export function insightView({ app, range, insight, thresholds, causes, steps }: InsightView): Html {
  const { tone, headline, rest } = insight;
  return html`<section class="card insight ${tone}" id="insight" aria-labelledby="finding">
<div class="insight-head"><span class="insight-sign">${icon(tone === 'calm' ? 'good' : 'crash')}</span>
<div><h2 id="finding"><bdi>${headline}</bdi></h2><p class="lead">${rest}</p></div></div>
<dl>
${steps.length > 0 && html`<dt>Next steps</dt><dd><ul>${steps.map((step) => html`<li>${step}</li>`)}</ul></dd>`}
${
  causes.length > 0 &&
  html`<dt>Exception codes</dt><dd><ul class="causes-list">${byCode(causes).map(
    ({ cause, code, crashes }) =>
      html`<li><a href="${historyUrl(app, { range, kind: cause.kind })}">${plural(crashes, 'crash', 'crashes')}</a>: <bdi>${code}</bdi></li>`,
  )}</ul></dd>`
}
${thresholds.length > 0 && html`<dt>Description</dt><dd>${thresholds.map((sentence) => html`<p>${sentence}</p>`)}</dd>`}
</dl>
</section>`;
}

/** What people cannot tell apart is one line. */
function byCode(causes: readonly CauseCount[]): { cause: CauseCount; code: string; crashes: number }[] {
  const lines = new Map<string, { cause: CauseCount; code: string; crashes: number }>();
  for (const cause of causes) {
    const code = exceptionCode(cause);
    const line = lines.get(code) ?? { cause, code, crashes: 0 };
    line.crashes += cause.crashes;
    lines.set(code, line);
  }
  return [...lines.values()].toSorted((a, b) => b.crashes - a.crashes);
}
