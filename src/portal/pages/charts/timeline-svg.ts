import { type Html, html } from '../../../formats/html.ts';
import { grouped } from '../../../formats/quantity-words.ts';
import { dayWords, hourWords } from '../../insight/clock-words.ts';
import { niceScale } from '../../insight/nice-scale.ts';
import { axisMoments } from '../../insight/ranges.ts';
import type { Timeline } from '../../store/read/timeline-store.ts';
import { percent } from './day-bars.ts';

/** How much of the height the bars may take; above are the signs of deploys, below the axis. */
const TOP = 11;
const BOTTOM = 88;
/** Of the box of the bars, in its own units. */
const HEIGHT = 1000;

/**
 * Stacked bars, the most frequent signature at the bottom, in shares of the box: it has any width without scaling its
 * text. `aria-hidden`, for the table of the same numbers says it better.
 */
export function timelineSvg(timeline: Timeline, nowMs: number): Html {
  const { fromMs, bucketMs, other, deploys } = timeline;
  const toMs = fromMs + bucketMs * other.length;
  const { max, lines } = niceScale(Math.max(0, ...totals(timeline)));
  const y = (count: number) => BOTTOM - ((BOTTOM - TOP) * count) / max;
  const x = (atMs: number) => (100 * (atMs - fromMs)) / (toMs - fromMs);
  const withHours = toMs - fromMs <= 2 * 86_400_000;
  return html`<svg class="chart" aria-hidden="true" focusable="false">
${lines.map((count) => html`<line class="grid" x1="0" x2="100%" y1="${percent(y(count))}" y2="${percent(y(count))}"/>`)}
${bars(timeline, max)}
${lines.map((count) => html`<text class="halo" x="0" y="${percent(y(count))}" dy="-4">${grouped(count)}</text>`)}
<line class="grid base" x1="0" x2="100%" y1="${percent(BOTTOM)}" y2="${percent(BOTTOM)}"/>
${axisMoments({ fromMs, toMs }).map((at) => {
  const left = x(at);
  const anchor = left < 6 ? 'start' : left > 94 ? 'end' : 'middle';
  const isMidnight = at % 86_400_000 === 0;
  return html`<text x="${percent(left)}" y="100%" dy="-3" text-anchor="${anchor}">${withHours && !isMidnight ? hourWords(at) : dayWords(at, nowMs)}</text>`;
})}
${deploys.map(
  ({ version, atMs }) =>
    atMs >= fromMs &&
    atMs < toMs &&
    html`<g><title>Version ${version} first seen</title><line class="deploy" x1="${percent(x(atMs))}" x2="${percent(x(atMs))}" y1="5%" y2="${percent(BOTTOM)}"/><svg x="${percent(x(atMs))}" y="0" overflow="visible"><path class="deploy-sign" d="M-4.5 8 0 1l4.5 7Z"/></svg></g>`,
)}
</svg>`;
}

/** One path for each series, in a box of its own that is stretched: of a length of time 100 units, of a crash as many as fit. */
function bars({ series, other }: Timeline, max: number): Html {
  const unit = HEIGHT / max;
  const below = new Array<number>(other.length).fill(0);
  const paths = [
    ...series.map(({ counts }, at) => ({ counts, name: `s${at + 1}` })),
    { counts: other, name: 's0' },
  ].map(({ counts, name }) => {
    let path = '';
    for (let bucket = 0; bucket < other.length; bucket++) {
      const count = counts[bucket] ?? 0;
      if (count === 0) continue;
      const bottom = below[bucket] ?? 0;
      below[bucket] = bottom + count;
      path += `M${bucket * 100 + 8} ${Math.round(HEIGHT - bottom * unit)}h84v${-Math.round(count * unit)}h-84z`;
    }
    return path === '' ? null : html`<path class="${name}" d="${path}"/>`;
  });
  return html`<svg x="0" y="${percent(TOP)}" width="100%" height="${percent(BOTTOM - TOP)}" viewBox="0 0 ${other.length * 100} ${HEIGHT}" preserveAspectRatio="none">${paths}</svg>`;
}

function totals({ series, other }: Timeline): number[] {
  return other.map((rest, at) => series.reduce((sum, { counts }) => sum + (counts[at] ?? 0), rest));
}
