import type { PrintedCall } from '../../../model/last-words.ts';
import { call } from '../../printed-stack/printed-call.ts';

/** Where an exception without a stack is. */
export type RubyPlace = { type: string; call: PrintedCall | null; from: number };

/** Ruby's marks below a source line, and numbered source lines. */
const MARK = /^ *(?:\.{3} *)?[\^~]+(?: .*)?$/;
const NUMBERED = /^[> ] *\d{1,7} \| |^ {2,12}\| |^ *~{3,8}$/;
const MAX_LINES = 200;

/**
 * A file that Ruby could not read, or memory that it could not get: printed without calls. A syntax error stands above the
 * source line that it is about, which has to agree with the file (until Ruby 3.3), or is named by its type.
 *
 * @param lineOf a line of a source; null if it cannot be read
 */
export function rubyWithoutStack(
  lines: readonly string[],
  lineOf: (file: string, line: number) => string | null,
): RubyPlace | null {
  const last = lines.at(-1) ?? '';
  if (/^\S.{0,300}: failed to allocate memory \(NoMemoryError\)$/.test(last)) {
    return { type: 'NoMemoryError', call: null, from: lines.length - 1 };
  }
  let found: RubyPlace | null = null;
  for (let at = lines.length - 1; at >= 0 && at > lines.length - MAX_LINES; at--) {
    const line = lines[at] ?? '';
    const [, file, number, text = ''] = /^(\S[^:]{0,300}):(\d{1,7}): (.+)$/.exec(line) ?? [];
    const isExcerpt = MARK.test(line) || MARK.test(lines[at + 1] ?? '') || NUMBERED.test(line);
    if (file === undefined) {
      if (isExcerpt || line === '') continue;
      break;
    }
    const isNamed = text.endsWith(' (SyntaxError)');
    const excerpt = MARK.test(lines[at + 2] ?? '') ? (lines[at + 1] ?? '').trim() : '';
    const source = lineOf(file, Number(number));
    if (!isNamed && (excerpt === '' || source?.includes(excerpt.replaceAll('...', '')) !== true)) break;
    found = { type: 'SyntaxError', call: call(null, file, number), from: at };
    if (isNamed) break;
  }
  return found;
}
