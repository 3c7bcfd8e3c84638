import type { LastWordsReader } from '../../../model/last-words.ts';
import { type CallReader, callReader, isOfRuntime } from './dotnet-call.ts';
import { readThrown, type ThrownText, typeIn } from './read-thrown.ts';

/** How an uncaught exception is announced, and what ends a process without one. */
const HEADINGS: readonly { form: string; start: RegExp }[] = [
  { form: 'mono-uncaught', start: /^\[ERROR\] FATAL UNHANDLED EXCEPTION: / },
  { form: 'uncaught', start: /^Unhandled [Ee]xception[.:] (?=\S)/ },
  { form: 'fatal-error', start: /^Fatal error\. / },
  { form: 'fail-fast', start: /^Process terminated\.(?: |$)/ },
  { form: 'stack-overflow', start: /^Stack overflow\.$/ },
  { form: 'fatal-out-of-memory', start: /^Out of memory\.$/ },
];
/** Around calls that repeat in a stack overflow. */
const REPEATED = /^(?:Repeat(?:ed)? \d{1,9} times:|-{32})$/;
const MAX_MESSAGE_LINES = 200;

/** Last words of Mono, which prints an exception twice, and of .NET. */
export const readDotnet: LastWordsReader = (lines, vouchers) => {
  const readCall = callReader(vouchers);
  const from = headingIn(lines, readCall);
  const heading = headingOf(lines[from] ?? '');
  if (heading === null) return null;
  const { form, text } = heading;
  const printed = form === 'stack-overflow' ? lines.map((line) => (REPEATED.test(line) ? '' : line)) : lines;
  const { to, ...found } = withGiven(readThrown(printed, from, text, readCall));
  return {
    ...{ form, ...found },
    ...{ thread: null, handled: false, pid: null, signal: null, version: null },
    ...{ from, to, linesAfter: lines.length - to },
  };

  /** `Environment.FailFast` prints the exception that it was given below its own calls. */
  function withGiven(own: ThrownText): ThrownText {
    const first = lines[own.to] ?? '';
    const type = form === 'fail-fast' && own.error.calls.length > 0 ? typeIn(first) : null;
    // Otherwise it could be a part of the message.
    if (type === null || !(isOfRuntime(type) || vouchers.program?.hasType(type) === true)) return own;
    const { error, causes, to: end } = readThrown(lines, own.to, first, readCall);
    return { error: own.error, causes: [error, ...causes], to: end };
  }
};

function headingOf(line: string): { form: string; text: string } | null {
  for (const { form, start } of HEADINGS) {
    const found = start.exec(line);
    if (found !== null) return { form, text: line.slice(found[0].length) };
  }
  return null;
}

/** The last heading; one without calls between it and the one above is in the message of that one. */
function headingIn(lines: readonly string[], readCall: CallReader): number {
  let heading = lines.findLastIndex((line) => headingOf(line) !== null);
  for (let at = heading - 1; at >= 0 && heading - at < MAX_MESSAGE_LINES; at--) {
    const line = lines[at] ?? '';
    if (headingOf(line) !== null) heading = at;
    else if (readCall(line) !== null) break;
  }
  return heading;
}
