const UNSHOWABLE = /[\p{C}\p{Zl}\p{Zp}\s]+/gu;

/**
 * Untrusted text as one line of at most `max` characters: without control characters, line ends, lone surrogates, and
 * bidirectional marks.
 */
export function oneLine(text: string, max = 200): string {
  // Cut before the search: a name can be a megabyte long.
  const line = text
    .slice(0, 4 * max)
    .replaceAll(UNSHOWABLE, ' ')
    .trim();
  return cut(line, max);
}

/** Keeps the end instead of the beginning, which is better for paths. */
export function oneLineEnd(text: string, max: number): string {
  const line = text
    .slice(-4 * max)
    .replaceAll(UNSHOWABLE, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= max ? line : `…${characters.slice(characters.length - max + 1).join('')}`;
}

/** At most `max` characters; the last is `…` if the text was cut. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  const characters = [...text];
  return characters.length <= max
    ? text
    : `${characters
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
}

/** The URL if it is safe to link to (http or https), else null. */
export function linkable(url: string | null): string | null {
  if (url === null || url.length > 2000 || !URL.canParse(url)) return null;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}
