import { type Html, html, type Interpolated } from '../../formats/html.ts';

/** Letters without a picture of their own, beside spaces, controls and format characters. */
const SEEN = /[^\s\p{C}\u115F\u1160\u2800\u3164\uFFA0]/u;

/** A name that others chose, kept apart from the text around it. An invisible one is replaced: it may be a link. */
export function userText(name: string): Html {
  return html`<bdi>${SEEN.test(name) ? name : '(no name)'}</bdi>`;
}

/** A title or the name of a function, kept apart likewise. It can break between its parts: on a phone, long ones have to. */
export function codeText(text: string): Html {
  return html`<bdi>${text.split(LONG).map((part) => (LONG.test(part) ? breakable(part) : part))}</bdi>`;
}

/** As wide as half a phone. */
const LONG = /(\S{20,})/;

function breakable(word: string): Interpolated[] {
  return word.split(AFTER_PART).map((part, at) => (at === 0 ? part : html`<wbr>${part}`));
}

const AFTER_PART = /(?<=[.:/\\#$])(?=[\p{L}\p{N}_<])/u;
