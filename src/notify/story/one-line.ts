const UNSHOWABLE = /[\p{C}\p{Zl}\p{Zp}\s]+/gu;

/**
 * Text of whatever origin as one line of at most `max` characters: without controls, line ends, halves of surrogate
 * pairs, and marks that change the direction of the text around them.
 */
export function oneLine(text: string, max = 200): string {
  // Cut before it is searched: a name may be a megabyte long.
  const line = text
    .slice(0, 4 * max)
    .replaceAll(UNSHOWABLE, ' ')
    .trim();
  return cut(line, max);
}

/** The same with the end kept rather than the beginning: of a path that says more. */
export function oneLineEnd(text: string, max: number): string {
  const line = text
    .slice(-4 * max)
    .replaceAll(UNSHOWABLE, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= max ? line : `…${characters.slice(characters.length - max + 1).join('')}`;
}

/** At most `max` characters, with `…` as the last where something was left out. */
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

/** An address that may be linked to; null for anything but http and https. */
export function linkable(url: string | null): string | null {
  if (url === null || url.length > 2000 || !URL.canParse(url)) return null;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}
