import type { LastWordsReader } from '../../../model/last-words.ts';
import { type CallReader, callReader } from './dotnet-call.ts';
import { readThrown } from './read-thrown.ts';

/** How an uncaught exception is announced, and what ends a process without one. */
const HEADINGS: readonly { form: string; start: RegExp }[] = [
  { form: 'mono-uncaught', start: /^\[ERROR\] FATAL UNHANDLED EXCEPTION: / },
  { form: 'uncaught', start: /^Unhandled [Ee]xception[.:] (?=\S)/ },
  { form: 'fatal-error', start: /^Fatal error\. / },
  { form: 'fail-fast', start: /^Process terminated\.(?: |$)/ },
  { form: 'stack-overflow', start: /^Stack overflow\.$/ },
];
const MAX_MESSAGE_LINES = 200;

/**
 * Last words of Mono, which prints an exception twice, and of .NET 5 and later. The latter are read as their
 * documentation says: no death of .NET itself was recorded.
 */
export const readDotnet: LastWordsReader = (lines, vouchers) => {
  const readCall = callReader(vouchers);
  const from = headingIn(lines, readCall);
  const heading = headingOf(lines[from] ?? '');
  if (heading === null) return null;
  const { to, ...found } = readThrown(lines, from, heading.text, readCall);
  return {
    form: heading.form,
    ...found,
    ...{ thread: null, handled: false, pid: null, signal: null, version: null },
    ...{ from, to, linesAfter: lines.length - to },
  };
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
