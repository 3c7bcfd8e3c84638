import { type Html, html } from '../../../formats/html.ts';
import { plural } from '../../../formats/quantity-words.ts';

const DAY_MS = 86_400_000;
/** One crash a day is not as high as the chart, whatever else there is. */
const LEAST_SCALE = 4;

/** A bar for each day, oldest first, today last. Said in words for those who do not see it. */
export function dayBars(days: readonly number[], nowMs: number): Html {
  const most = Math.max(LEAST_SCALE, ...days);
  const slot = 100 / Math.max(1, days.length);
  return html`<svg class="bars" role="img" aria-label="${dayBarsWords(days)}" focusable="false">${days.map(
    (count, at) => {
      const height = count === 0 ? 3 : 8 + (92 * count) / most;
      const kind = count === 0 ? 'none' : at === days.length - 1 ? 'today' : 'day';
      return html`<rect class="${kind}" x="${percent(at * slot + slot * 0.1)}" width="${percent(slot * 0.8)}" y="${percent(100 - height)}" height="${percent(height)}" rx="1"><title>${dayName(at, days.length, nowMs)}: ${plural(count, 'crash', 'crashes')}</title></rect>`;
    },
  )}</svg>`;
}

/** The same for a row of a table, of which a page has many: small in bytes, too. */
export function daySpark(days: readonly number[]): Html {
  const most = Math.max(LEAST_SCALE, ...days);
  const bars = days.map((count, at) =>
    count === 0 ? '' : `M${at * 10 + 1} 24v-${Math.round(3 + (21 * count) / most)}h8V24z`,
  );
  const width = days.length * 10;
  return html`<svg class="spark" role="img" aria-label="${dayBarsWords(days)}" focusable="false" viewBox="0 0 ${width} 24" preserveAspectRatio="none"><path class="none" d="M0 23h${width}v1H0z"/><path d="${bars.slice(0, -1).join('')}"/><path class="today" d="${bars.at(-1) ?? ''}"/></svg>`;
}

function dayBarsWords(days: readonly number[]): string {
  const total = days.reduce((sum, count) => sum + count, 0);
  if (total === 0) return `No crashes in ${days.length} days`;
  return `${plural(total, 'crash', 'crashes')} in ${days.length} days, ${plural(days.at(-1) ?? 0, 'crash', 'crashes')} today, at most ${Math.max(...days)} a day`;
}

function dayName(at: number, length: number, nowMs: number): string {
  const day = new Date(nowMs - (length - 1 - at) * DAY_MS).toISOString().slice(0, 10);
  return at === length - 1 ? `${day} (today, UTC)` : day;
}

export function percent(value: number): string {
  return `${Math.round(value * 100) / 100}%`;
}
