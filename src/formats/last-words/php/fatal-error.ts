import type { PrintedCall } from '../../../model/last-words.ts';
import { phpCalls, phpType } from '../../printed-stack/php-exceptions.ts';
import { phpLine, phpPlace } from '../../printed-stack/php-line.ts';

/** A fatal error: no exception, except where PHP printed no stack of one. */
export type PhpFatalError = {
  form: 'exception' | 'parse-error' | 'memory-limit' | 'time-limit' | 'out-of-memory' | 'fatal-error';
  type: string | null;
  calls: PrintedCall[];
  from: number;
  to: number;
};

const MAX_MESSAGE_LINES = 200;
const START = /(?:^|\] |\W)(?:PHP )?(Fatal|Parse|Compile|Core|Recoverable fatal) error: {1,2}(.{0,100})/;
/** Its message ends in the same way. */
const HARMLESS = /^(?:\[[^\]]{1,80}\] )?(?:PHP )?(?:Warning|Notice|Deprecated|Strict Standards): /;

/** `PHP Fatal error:  Allowed memory size … in /srv/shop/Cart.php on line 12`; since PHP 8.5 with a stack below. */
export function phpFatalError(lines: readonly string[], last: number): PhpFatalError | null {
  const place = phpPlace(lines[last] ?? '');
  if (place === null) return null;
  for (let from = last; from >= 0 && from > last - MAX_MESSAGE_LINES; from--) {
    const line = lines[from] ?? '';
    if (HARMLESS.test(line)) return null;
    const [, kind = '', text] = START.exec(line) ?? [];
    if (text === undefined) continue;
    const form = kind === 'Parse' ? 'parse-error' : formOf(text);
    const type = form === 'parse-error' ? 'ParseError' : form === 'exception' ? phpType(line) : null;
    const calls = callsBelow(lines, last);
    const thrown = { function: null, file: place.file, line: place.line, column: null };
    return {
      ...{ form, type, from, to: calls.length === 0 ? last + 1 : last + 2 + calls.length },
      calls: calls.length === 0 ? (place.file === null ? [] : [thrown]) : phpCalls(calls, place),
    };
  }
  return null;
}

function formOf(text: string): PhpFatalError['form'] {
  if (text.startsWith('Uncaught ')) return 'exception';
  if (/^Allowed memory size of \d+ bytes exhausted/.test(text)) return 'memory-limit';
  if (/^Maximum execution time of /.test(text)) return 'time-limit';
  return text.startsWith('Out of memory') ? 'out-of-memory' : 'fatal-error';
}

function callsBelow(lines: readonly string[], last: number): PrintedCall[] {
  const calls: PrintedCall[] = [];
  if (lines[last + 1] !== 'Stack trace:') return calls;
  for (let at = last + 2; ; at++) {
    const found = phpLine(lines[at] ?? '');
    if (found?.number !== calls.length) return calls;
    calls.push(found.call);
  }
}
