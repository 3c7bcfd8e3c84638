import type { KnownCause } from '../../explain/known-causes/known-cause.ts';
import { type Html, html } from './html.ts';

/** A cause that is well known: what the pattern means and what to do. */
export function knownCauseView({ title, meaning, steps, link }: KnownCause): Html {
  return html`<strong>${title}.</strong> ${meaning}${
    steps.length > 0 && html`<ul class="steps">${steps.map((step) => html`<li>${step}</li>`)}</ul>`
  }${link !== null && html`<p class="small"><a href="${link}" rel="noreferrer">More about it<span class="aside"> (${title})</span></a></p>`}`;
}
