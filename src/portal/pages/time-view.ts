import { clockWords } from '../insight/clock-words.ts';
import { agoWords } from '../insight/duration-words.ts';
import { type Html, html } from './html.ts';

/** `3 minutes ago`; the moment itself in UTC stands in its title, and in the reader's own zone where scripts run. */
export function ago(atMs: number, nowMs: number): Html {
  const iso = new Date(atMs).toISOString();
  return html`<time datetime="${iso}" data-show="ago" title="${iso.slice(0, 19).replace('T', ' ')} UTC">${agoWords(atMs, nowMs)}</time>`;
}

/** `24 Nov 18:40 UTC`; in the reader's own zone where scripts run. */
export function moment(atMs: number, nowMs: number): Html {
  const iso = new Date(atMs).toISOString();
  return html`<time datetime="${iso}" data-show="moment" title="${iso.slice(0, 19).replace('T', ' ')} UTC">${clockWords(atMs, nowMs)}</time>`;
}
