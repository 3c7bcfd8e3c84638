import { stripVTControlCharacters } from 'node:util';

const MAX_LINES = 12_000;
const MAX_LINE = 2_000;
/** The type or the place can stand at the end of a long message. */
const LINE_END = 600;

/**
 * The last lines of a text, without colors and carriage returns: at most 12,000, each of at most 2,000 characters: a longer
 * one has no middle. An
 * unfinished last line counts as one; an empty one does not.
 */
export function lastLines(text: string): string[] {
  let start = text.endsWith('\n') ? text.length - 1 : text.length;
  // Cutting a megabyte of line ends into lines would take longer than all that follows.
  for (let line = 0; line < MAX_LINES && start >= 0; line++) {
    start = start === 0 ? -1 : text.lastIndexOf('\n', start - 1);
  }
  const lines = text.slice(start + 1).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map(plainLine);
}

function plainLine(line: string): string {
  const short = line.length > MAX_LINE ? line.slice(0, MAX_LINE - LINE_END) + line.slice(-LINE_END) : line;
  const plain = short.includes('\u001b') ? stripVTControlCharacters(short) : short;
  return plain.endsWith('\r') ? plain.slice(0, -1) : plain;
}
