import { RANGES } from '../insight/ranges.ts';
import { type Html, html } from './html.ts';

/** How far back to look: links, the chosen one marked. */
export function rangeLinks(chosen: string, href: (range: string) => string): Html {
  return html`<nav aria-label="Range"><ul class="segments">${RANGES.map(
    ({ name, short }) =>
      html`<li><a href="${href(name)}"${name === chosen && html` aria-current="true"`}>${short}</a></li>`,
  )}</ul></nav>`;
}
