import { type Html, html } from './html.ts';

/** Crashmon's own sign: a line that drops and is caught. */
export function mark(): Html {
  return html`<svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false"><path d="M2 9h5l3 9 3.5-13 2.5 7h6"/></svg>`;
}
