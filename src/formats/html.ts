/**
 * Markup that is safe to send: everything in it was written by us, or escaped. There is no way to make one of a string
 * but `html`, and none around its escaping.
 */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }

  /** See `html`. */
  static template(strings: TemplateStringsArray, ...values: readonly Interpolated[]): Html {
    let markup = strings[0] ?? '';
    values.forEach((value, at) => {
      markup += render(value) + (strings[at + 1] ?? '');
    });
    return new Html(markup);
  }
}

/** What may stand in a template: null, undefined and false are left out. */
export type Interpolated =
  | Html
  | string
  | number
  | bigint
  | null
  | undefined
  | false
  | readonly Interpolated[];

/**
 * A piece of a page. What is put in is escaped, for text and for attributes in double quotes alike; attributes without
 * quotes, and what is put into scripts or styles, are not safe and not written anywhere. What would change the direction
 * of the text around it, or cannot be shown, becomes `�`.
 */
export const html = Html.template;

function render(value: Interpolated): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(render).join('');
  return escapeText(String(value));
}

function escapeText(text: string): string {
  if (PLAIN.test(text)) return text;
  const shown = UNSHOWABLE.test(text) ? text.replace(UNSHOWABLE_ALL, '\uFFFD') : text;
  return SPECIAL.test(shown) ? shown.replace(SPECIAL_ALL, (char) => ENTITIES[char] ?? '') : shown;
}

/** Most of what is put in: printable ASCII that means nothing in markup. */
const PLAIN = /^[ !#$%(-;=?-~]*$/;
const SPECIAL = /[&<>"']/;
const SPECIAL_ALL = /[&<>"']/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Controls but tab and line feed, halves of surrogate pairs, marks and overrides of direction, noncharacters. */
const UNSHOWABLE =
  /[\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFDD0-\uFDEF\uFFFE\uFFFF]|(?![\t\n])\p{Cc}/u;
const UNSHOWABLE_ALL = new RegExp(UNSHOWABLE, 'gu');
