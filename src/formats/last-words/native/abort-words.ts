import type { LastWords, VouchedCall, Vouchers } from '../../../model/last-words.ts';
import { ASSERTION_FAILED, abortType, MISSING_LIBRARY } from '../../../model/native-error.ts';
import { linesAfter } from '../lines-after.ts';

/** A message of an exception can have as many lines. */
const MAX_LINES_BACK = 500;
/** What follows all others is of other threads. */
const MAX_LINES_AFTER = 40;
/** GNU and LLVM. */
const TERMINATE = /^terminate called after throwing an instance of '(.{1,500})'$/;
const TERMINATING =
  /^libc\+\+abi: terminating (?:due to|with) uncaught exception of type ([^:]{1,200}(?:::[^:]{1,200}){0,20})(?:: |$)/;
const LOADER = /^[^:]{1,500}: error while loading shared libraries: /;

/** What C and C++ say when they abort: a type, and a place only where an assertion names one. */
export function readAbort(lines: readonly string[], vouchers: Vouchers): LastWords | null {
  for (let at = lines.length - 1; at >= Math.max(0, lines.length - MAX_LINES_BACK); at--) {
    const line = lines[at] ?? '';
    const thrown = (TERMINATE.exec(line) ?? TERMINATING.exec(line))?.[1];
    // All below is its message.
    if (thrown !== undefined) return { ...wordsAt(lines, at, 'terminate', thrown), linesAfter: 0 };
    if (at < lines.length - MAX_LINES_AFTER) continue;
    const type = abortType(line);
    if (type !== null) return wordsAt(lines, at, 'abort', morePrecise(lines[at - 1] ?? '') ?? type);
    const assertion = assertionIn(line);
    if (assertion !== null) {
      const words = wordsAt(lines, at, 'abort', ASSERTION_FAILED);
      return { ...words, error: { ...words.error, calls: placeOf(assertion, vouchers) } };
    }
    if (LOADER.test(line)) return wordsAt(lines, at, 'loader', MISSING_LIBRARY);
  }
  return null;
}

/** `terminate called without an active exception` follows it. */
function morePrecise(before: string): string | null {
  const type = abortType(before);
  return type === 'pure virtual method called' ? type : null;
}

type Assertion = { file: string; line: number };

/** `shop: src/cart.cc:2: int price(const char*): Assertion `expression' failed.` */
function assertionIn(line: string): Assertion | null {
  const at = line.endsWith(' failed.') ? line.indexOf(': Assertion `') : -1;
  const [, file, number] =
    at < 0 ? [] : (/^[^:]{1,200}: ([^:]{1,500}):(\d{1,7}): /.exec(line.slice(0, at)) ?? []);
  return file === undefined ? null : { file, line: Number(number) };
}

/** The function is left out: its arguments' types stand around its name, in the compiler's spelling. */
function placeOf({ file, line }: Assertion, { readSource }: Vouchers): VouchedCall[] {
  const source = readSource(file)?.split('\n', line + 1);
  const call = { function: null, file, line, column: null };
  if (source === undefined) return [{ ...call, vouched: null }];
  // An assertion of several lines is reported at its first or its last one.
  return /assert/i.test(source.slice(Math.max(0, line - 10), line).join('\n'))
    ? [{ ...call, vouched: true }]
    : [];
}

function wordsAt(lines: readonly string[], at: number, form: string, type: string): LastWords {
  return {
    ...{ form, handled: false, signal: null, version: null, causes: [], thread: null, pid: null },
    error: { type, calls: [], members: [], refuted: 0, cut: 0 },
    ...{ from: at, to: at + 1, linesAfter: linesAfter(lines, at + 1, ADDED) },
  };
}

/** Of old versions of glibc. */
const ADDED =
  /^(?:======= (?:Backtrace|Memory map): |[0-9a-f]{8,16}-[0-9a-f]{8,16} |\/.{1,300}\[0x[0-9a-f]{1,16}\]$)/;
