import type { LastWords, LastWordsReader, Vouchers } from '../../../model/last-words.ts';
import { readCall } from './java-call.ts';
import { typeIn } from './java-type.ts';
import { readClojure } from './read-clojure.ts';
import { readFatalError } from './read-fatal-error.ts';
import { readLauncher } from './read-launcher.ts';
import { readOutOfMemory } from './read-out-of-memory.ts';
import { readTrace } from './read-trace.ts';

/** After more lines than this, a stack without a heading is only something that was logged. */
const MAX_LINES_AFTER = 10;
/** From a call up to the type that it belongs to, and from a heading up to one in whose message it stands. */
const MAX_MESSAGE_LINES = 200;

/** Last words of the Java virtual machine, in whatever language the program is written. */
export const readJava: LastWordsReader = (lines, vouchers) =>
  readOutOfMemory(lines) ??
  readFatalError(lines, vouchers) ??
  readUncaught(lines, vouchers) ??
  readClojure(lines, vouchers) ??
  readLauncher(lines, vouchers) ??
  readPrinted(lines, vouchers);

const HEADING = 'Exception in thread "';
const MAIN = `${HEADING}main" `;

/** `Exception in thread "main" T: message`: only that of main makes the exit code 1, so another's counts only without it. */
function readUncaught(lines: readonly string[], vouchers: Vouchers): LastWords | null {
  const last = lines.findLastIndex((line) => line.startsWith(MAIN));
  const at =
    last < 0 ? lines.findLastIndex((line) => line.startsWith(HEADING)) : outerHeading(lines, last, vouchers);
  if (at < 0) return null;
  const line = lines[at] ?? '';
  const text = last < 0 ? line.slice(line.indexOf('" ', HEADING.length) + 2) : line.slice(MAIN.length);
  return traceAt(
    lines,
    at,
    { form: 'uncaught', type: typeIn(text, vouchers), thread: last < 0 ? 'other' : 'main' },
    vouchers,
  );
}

/** A heading without calls between it and the one above is in the message of that one: `main` ends once. */
function outerHeading(lines: readonly string[], last: number, vouchers: Vouchers): number {
  let heading = last;
  for (let at = last - 1; at >= 0 && heading - at < MAX_MESSAGE_LINES; at--) {
    const line = lines[at] ?? '';
    if (line.startsWith(MAIN)) heading = at;
    else if (isCall(line, vouchers)) break;
  }
  return heading;
}

function isCall(line: string, vouchers: Vouchers): boolean {
  const kind = readCall(line, vouchers)?.kind;
  return kind === 'vouched' || kind === 'runtime';
}

/** `T: message` and calls, as `printStackTrace` and loggers print them. */
function readPrinted(lines: readonly string[], vouchers: Vouchers): LastWords | null {
  let at = lines.length - 1;
  while (at >= 0 && lines.length - at <= MAX_LINES_AFTER && !STACK_LINE.test(lines[at] ?? '')) at--;
  if (!STACK_LINE.test(lines[at] ?? '')) return null;
  while (at >= 0 && STACK_LINE.test(lines[at] ?? '')) at--;
  const first = Math.max(0, at - MAX_MESSAGE_LINES);
  for (; at >= first; at--) {
    const type = typeIn(lines[at] ?? '', vouchers);
    if (type !== null)
      return { ...traceAt(lines, at, { form: 'printed', type, thread: null }, vouchers), handled: true };
  }
  return null;
}

const STACK_LINE = /^\t{1,8}(?:at |\.\.\. |Suppressed: )|^\t{0,8}Caused by: /;

type Found = { form: string; type: string | null; thread: LastWords['thread'] };

function traceAt(
  lines: readonly string[],
  from: number,
  { form, type, thread }: Found,
  vouchers: Vouchers,
): LastWords {
  const { to, ...trace } = readTrace(lines, from, { type, thread }, vouchers);
  return {
    ...{ form, ...trace, thread, handled: false, pid: null, signal: null, version: null },
    ...{ from, to, linesAfter: lines.length - to },
  };
}
