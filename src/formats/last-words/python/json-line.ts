import { HEADING } from './traceback-lines.ts';

/** Lines at the end in which it is looked for. */
const MAX_LINES = 20;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '', t: '\t', b: '', f: '' };

/**
 * The traceback in the last line of JSON that has one, as loggers write it: its line, and its text without escapes. Long
 * lines were cut in the middle, so that the outermost and the innermost calls remain.
 */
export function tracebackInJson(lines: readonly string[]): { at: number; lines: string[] } | null {
  const first = Math.max(0, lines.length - MAX_LINES);
  const at = lines.findLastIndex(
    (line, index) => index >= first && line.startsWith('{') && startOf(line) >= 0,
  );
  const line = lines[at];
  return line === undefined ? null : { at, lines: unescaped(line, startOf(line)).split('\n') };
}

/** Of the heading; without it, of the first call that was not cut off. */
function startOf(line: string): number {
  const heading = line.lastIndexOf(HEADING);
  const call = heading < 0 ? line.indexOf(CALL) : -1;
  return call < 0 ? heading : call + 2;
}

const CALL = '\\n  File \\"';

/** A JSON string from a position to its closing quote. */
function unescaped(line: string, from: number): string {
  let text = '';
  for (let at = from; at < line.length && line[at] !== '"'; at++) {
    const character = line[at] ?? '';
    if (character !== '\\') {
      text += character;
      continue;
    }
    at++;
    const letter = line[at] ?? '';
    if (letter === 'u') {
      text += String.fromCharCode(Number.parseInt(line.slice(at + 1, at + 5), 16) || 0xfffd);
      at += 4;
    } else text += ESCAPES[letter] ?? letter;
  }
  return text;
}
