/**
 * Text that a terminal only shows: colors are taken out, every other control character (but newline and tab) and
 * every character that turns the direction of writing is written as an escape.
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

/** Every line, so that no text of the worker's can pass for a heading of ours. */
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
