import { type Html, html } from '../../formats/html.ts';

/** Letters without a picture of their own, beside spaces, controls and format characters. */
const SEEN = /[^\s\p{C}\u115F\u1160\u2800\u3164\uFFA0]/u;

/** A name that others chose, kept apart from the text around it. An invisible one is replaced: it may be a link. */
export function userText(name: string): Html {
  return html`<bdi>${SEEN.test(name) ? name : '(no name)'}</bdi>`;
}
