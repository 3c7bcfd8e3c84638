import { printable } from '../../analysis/printable.ts';
import { line } from './safe-text.ts';

const SHOWN_CHARACTERS = 64 * 1024;

/** A private log for a terminal, truncated if it is long. */
export function privateText(text: string, path: string | null): string {
  const rest = text.length - SHOWN_CHARACTERS;
  const shown = printable(rest > 0 ? text.slice(0, SHOWN_CHARACTERS) : text).trimEnd();
  const more = rest > 0 ? `\n… ${rest} more characters${path === null ? '' : ` in ${line(path)}`}` : '';
  return `${shown}${more}\n`;
}
