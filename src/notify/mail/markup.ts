/** Markup in which everything was written by us, or escaped: nothing makes one of a string but `markup`. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** See `markup`. */
  static template(strings: TemplateStringsArray, ...values: readonly Interpolated[]): Markup {
    return new Markup(strings.reduce((text, part, at) => text + render(values[at - 1]) + part));
  }
}

type Interpolated = Markup | string | number | null | undefined | readonly Markup[];

/** A piece of HTML; what is put in is escaped, for text and for attributes in double quotes alike. */
export const markup = Markup.template;

function render(value: Interpolated): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value.map(String).join('');
  return String(value).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
