import { type Html, html } from '../../formats/html.ts';
import { agoWords } from '../insight/ago-words.ts';
import { CLOCK_WORDS, clockWords } from '../insight/clock-words.ts';

/** `3 minutes ago`; the moment itself in UTC stands in its title, and in the reader's own zone where scripts run. */
export function ago(atMs: number, nowMs: number): Html {
  const iso = new Date(atMs).toISOString();
  return html`<time datetime="${iso}" data-show="ago" title="${clockWords(atMs)}">${agoWords(atMs, nowMs)}</time>`;
}

/** `2026-11-24 18:40:12 UTC`; in the reader's own zone where scripts run, with UTC in its title. */
export function moment(atMs: number): Html {
  const text = clockWords(atMs);
  return html`<time datetime="${new Date(atMs).toISOString()}" data-show="moment" title="${text}">${text}</time>`;
}

/** A sentence whose times, as `clockWords` writes them, are elements of their own. */
export function withTimes(sentence: string): Html {
  const times = [...sentence.matchAll(CLOCK_WORDS)];
  const parts: Html[] = [];
  let from = 0;
  for (const { 0: text, index } of times) {
    const atMs = Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`);
    // A name may look like a time.
    if (Number.isNaN(atMs)) continue;
    parts.push(html`${sentence.slice(from, index)}${moment(atMs)}`);
    from = index + text.length;
  }
  return html`${parts}${sentence.slice(from)}`;
}
