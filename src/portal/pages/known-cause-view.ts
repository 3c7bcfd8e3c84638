import type { KnownCause } from '../../explain/known-causes/known-cause.ts';
import { type Html, html } from '../../formats/html.ts';
import { unbroken } from './unbroken.ts';

/** What the pattern means and what to do. */
export function knownCauseView({ title, meaning, steps, link }: KnownCause): Html {
  return html`<p><strong>${title}.</strong> ${unbroken(meaning)}${link !== null && html` <a href="${link}" rel="noreferrer">Learn more<span class="aside">: ${title}</span></a>`}</p>${
    steps.length > 0 && html`<ul class="steps">${steps.map((step) => html`<li>${unbroken(step)}</li>`)}</ul>`
  }`;
}
