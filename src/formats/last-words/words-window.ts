import { stripVTControlCharacters } from 'node:util';

const MAX_LINES = 12_000;
const MAX_LINE = 2_000;
/** The type or the place can stand at the end of a long message. */
const LINE_END = 600;

/** What stands above a heading can be a part of the same last words. */
const ABOVE_HEADING = 64 * 1024;

/**
 * The last lines of a text, without colors and carriage returns: at most 12,000, each of at most 2,000 characters. An
 * unfinished last line counts as one; an empty one does not.
 * @param headings of last words that can be longer: lines begin above the last of them instead
 */
export function lastLines(text: string, headings: readonly string[] = []): string[] {
  const start = startOfLines(text, text.endsWith('\n') ? text.length - 1 : text.length);
  const heading = Math.max(-1, ...headings.map((line) => text.lastIndexOf(`\n${line}`)));
  const isCut = heading >= 0 && heading < start;
  // A dump of many goroutines begins with the one that matters.
  const above = isCut ? Math.max(0, text.lastIndexOf('\n', heading - ABOVE_HEADING) + 1) : 0;
  const first = isCut ? Math.max(above, startOfLines(text, heading, MAX_LINES / 2)) : start;
  const lines = text.slice(first).split('\n', MAX_LINES + 1);
  if (lines.at(-1) === '') lines.pop();
  return lines.slice(0, MAX_LINES).map(plainLine);
}

/** Cutting a megabyte of line ends into lines would take longer than all that follows. */
function startOfLines(text: string, end: number, count = MAX_LINES): number {
  let start = end;
  for (let line = 0; line < count && start >= 0; line++) {
    start = start === 0 ? -1 : text.lastIndexOf('\n', start - 1);
  }
  return start + 1;
}

function plainLine(line: string): string {
  const short = line.length > MAX_LINE ? line.slice(0, MAX_LINE - LINE_END) + line.slice(-LINE_END) : line;
  const plain = short.includes('\u001b') ? stripVTControlCharacters(short) : short;
  return plain.endsWith('\r') ? plain.slice(0, -1) : plain;
}
