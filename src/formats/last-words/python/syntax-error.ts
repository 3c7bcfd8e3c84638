import type { LastWords } from '../../../model/last-words.ts';
import type { PythonSources } from './python-sources.ts';
import { exceptionType, tracebackCall } from './traceback-lines.ts';

const TYPES: ReadonlySet<string> = new Set(['SyntaxError', 'IndentationError', 'TabError']);
/** Between the place and the type stand the source line and the carets. */
const MAX_LINES = 4;

/** A syntax error of the program itself: its place, without a traceback. */
export function readSyntaxError(lines: readonly string[], sources: PythonSources): LastWords | null {
  const at = lines.findLastIndex((line) => TYPES.has(exceptionType(line) ?? ''));
  for (let from = at - 1; from >= 0 && from >= at - MAX_LINES; from--) {
    const place = tracebackCall(lines[from] ?? '');
    if (place === null) continue;
    const vouched = sources.check(place, lines[from + 1]?.slice(4) ?? null);
    const calls = vouched === false ? [] : [{ ...place, vouched }];
    return {
      form: 'syntax-error',
      error: {
        ...{ type: exceptionType(lines[at] ?? ''), calls, members: [] },
        ...{ refuted: vouched === false ? 1 : 0, cut: 0 },
      },
      causes: [],
      ...{ thread: null, handled: false, pid: null, signal: null, version: null },
      ...{ from, to: at + 1, linesAfter: lines.length - at - 1 },
    };
  }
  return null;
}
