import { type FileContent, readRegularTail } from './regular-file.ts';

/**
 * The URL of a generated file's `//# sourceMappingURL=` comment (ECMA-426 §11.1.2.1, "without parsing"): the last one,
 * followed only by blank lines and comments. Reads only the end of the file that contains it; an inline map is one line of
 * tens of megabytes. null if there is none; a problem if the file cannot be read.
 */
export function findSourceMapUrl(path: string, maxBytes: number): string | null | { problem: string } {
  const content: FileContent = readRegularTail(path, maxBytes, (tail) => {
    const text = tail.toString('latin1');
    return lastUrl(text) !== null || codeAfterLineStart(text);
  });
  if ('problem' in content) return content;
  const url = lastUrl(content.bytes.toString('latin1'));
  // Searched as Latin-1, because the tail may begin in the middle of a character.
  return url === null ? null : Buffer.from(url, 'latin1').toString('utf8');
}

const MARK = 'sourceMappingURL=';

function lastUrl(text: string): string | null {
  const mark = text.lastIndexOf(MARK);
  // `//# `, `//@ ` (old) or `/*# ` (style sheets and some minifiers).
  if (mark < 4 || !/^\/[/*][#@][ \t]$/.test(text.slice(mark - 4, mark))) return null;
  const lineEnd = text.indexOf('\n', mark);
  const end = lineEnd < 0 ? text.length : lineEnd;
  if (!onlyComments(text.slice(end))) return null;
  const rest = text.slice(mark + MARK.length, end);
  const stop = rest.search(/[\s'"`]|\*\//);
  return (stop < 0 ? rest : rest.slice(0, stop)) || null;
}

function onlyComments(text: string): boolean {
  return text.split('\n').every((line) => {
    const trimmed = line.trim();
    return trimmed === '' || trimmed.startsWith('//') || (trimmed.startsWith('/*') && trimmed.endsWith('*/'));
  });
}

/** Does the tail contain a whole line of code, so that no earlier comment counts? */
function codeAfterLineStart(text: string): boolean {
  const firstBreak = text.indexOf('\n');
  return firstBreak >= 0 && !onlyComments(text.slice(firstBreak));
}
