/**
 * Text that is safe to print: colors are removed; control characters (except newline and tab) and characters that change the
 * writing direction are escaped.
 */
export function printable(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(COLORS, '')
    .replace(UNSAFE, (character) => {
      const code = character.charCodeAt(0);
      return code < 256
        ? `\\x${code.toString(16).padStart(2, '0')}`
        : `\\u${code.toString(16).padStart(4, '0')}`;
    });
}

/** Prefixes every line, so that worker output cannot look like one of our headings. */
export function indent(text: string, prefix: string): string {
  return `${text
    .split('\n')
    .map((line) => prefix + line)
    .join('\n')}\n`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const COLORS = /\x1b\[[\d;]{0,30}m/g;
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
