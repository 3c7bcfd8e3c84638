import { type Html, html } from '../../formats/html.ts';
import { RANGES } from '../insight/ranges.ts';

/** How far back to look: links, the chosen one marked. */
export function rangeLinks(chosen: string, href: (range: string) => string): Html {
  return html`<nav aria-label="Range"><ul class="segments">${RANGES.map(
    ({ name, short }) =>
      html`<li><a href="${href(name)}"${name === chosen && html` aria-current="true"`}>${short}</a></li>`,
  )}</ul></nav>`;
}
