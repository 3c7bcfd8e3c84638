import { dayWords, hourWords } from '../../insight/clock-words.ts';
import { grouped } from '../../insight/duration-words.ts';
import { niceScale } from '../../insight/nice-scale.ts';
import { axisMoments } from '../../insight/ranges.ts';
import type { Timeline } from '../../store/portal-store.ts';
import { type Html, html } from '../html.ts';
import { percent } from './day-bars.ts';

/** How much of the height the bars may take; above are the signs of deploys, below the axis. */
const TOP = 11;
const BOTTOM = 88;

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
${bars(timeline, y)}
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
    html`<g><title>Deployed ${version}</title><line class="deploy" x1="${percent(x(atMs))}" x2="${percent(x(atMs))}" y1="5%" y2="${percent(BOTTOM)}"/><svg x="${percent(x(atMs))}" y="0" overflow="visible"><path class="deploy-sign" d="M-4.5 8 0 1l4.5 7Z"/></svg></g>`,
)}
</svg>`;
}

function bars({ series, other }: Timeline, y: (count: number) => number): Html[] {
  const slot = 100 / Math.max(1, other.length);
  const stacks = [
    ...series.map(({ counts }, at) => ({ counts, name: `s${at + 1}` })),
    { counts: other, name: 's0' },
  ];
  return other.flatMap((_, bucket) => {
    let below = 0;
    return stacks.flatMap(({ counts, name }) => {
      const count = counts[bucket] ?? 0;
      if (count === 0) return [];
      const [bottom, top] = [y(below), y(below + count)];
      below += count;
      return [
        html`<rect class="${name}" x="${percent(bucket * slot + slot * 0.08)}" width="${percent(slot * 0.84)}" y="${percent(top)}" height="${percent(bottom - top)}"/>`,
      ];
    });
  });
}

function totals({ series, other }: Timeline): number[] {
  return other.map((rest, at) => series.reduce((sum, { counts }) => sum + (counts[at] ?? 0), rest));
}
