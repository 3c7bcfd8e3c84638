import type { LastWords, VouchedCall } from '../../../model/last-words.ts';
import { call } from '../../printed-stack/printed-call.ts';
import type { PythonSources } from './python-sources.ts';

const HEADING = 'Fatal Python error: ';
const SIGNALS: Readonly<Record<string, string>> = {
  'Segmentation fault': 'SIGSEGV',
  Aborted: 'SIGABRT',
  'Bus error': 'SIGBUS',
  'Floating point exception': 'SIGFPE',
  'Floating-point exception': 'SIGFPE',
  'Illegal instruction': 'SIGILL',
};
const MAX_CALLS = 100;

/** What faulthandler prints of a fatal signal, and the interpreter before it aborts. */
export function readFatalError(lines: readonly string[], sources: PythonSources): LastWords | null {
  const from = lines.findLastIndex((line) => line.startsWith(HEADING));
  if (from < 0) return null;
  const name = (lines[from] ?? '').slice(HEADING.length);
  const current = lines.findIndex((line, index) => index > from && line.startsWith('Current thread 0x'));
  const calls = current < 0 ? [] : callsBelow(lines, current, sources);
  const signal = SIGNALS[name] ?? 'SIGABRT';
  return {
    form: 'fatal-error',
    error: { type: null, calls: calls.filter(isBelieved), members: [], refuted: 0, cut: 0 },
    causes: [],
    ...{ thread: null, handled: false, pid: null, signal, version: null },
    ...{ from, to: lines.length, linesAfter: 0 },
  };
}

type CheckedCall = Omit<VouchedCall, 'vouched'> & { vouched: boolean | null };

function isBelieved(checked: CheckedCall): checked is VouchedCall {
  return checked.vouched !== false;
}

/** `  File "/srv/shop/cart.py", line 3 in crash`, innermost first, without source lines */
function callsBelow(lines: readonly string[], heading: number, sources: PythonSources): CheckedCall[] {
  const calls: CheckedCall[] = [];
  for (let at = heading + 1; at < lines.length && calls.length < MAX_CALLS; at++) {
    const line = lines[at] ?? '';
    const end = line.lastIndexOf('", line ');
    const [, number, name] = /^", line (\d{1,7}) in (.+)$/.exec(end < 0 ? '' : line.slice(end)) ?? [];
    if (!line.startsWith('  File "') || number === undefined) break;
    const found = call(name ?? null, line.slice('  File "'.length, end), number);
    calls.push({ ...found, vouched: sources.has(found) });
  }
  return calls;
}
