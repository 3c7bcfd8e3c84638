import type { LastWords, LastWordsReader, PrintedError } from '../../../model/last-words.ts';
import { phpExceptions } from '../../printed-stack/php-exceptions.ts';
import { phpPlace } from '../../printed-stack/php-line.ts';
import type { PrintedException } from '../../printed-stack/printed-call.ts';
import { believed, SourceVoucher } from '../source-voucher.ts';
import { phpFatalError } from './fatal-error.ts';
import { PHP_SOURCES } from './php-sources.ts';

/** Shutdown functions and destructors can print after it. */
const MAX_LINES_AFTER = 200;
/** Lines that end like the last one of a report. */
const MAX_TRIES = 16;
const MAX_CALLS = 2_000;
const MAX_CAUSES = 16;

/**
 * What PHP prints for an uncaught exception or a fatal error, read upwards from its last line. With both `log_errors` and
 * `display_errors` it is printed twice: the last copy is read. Lines that php-fpm wraps are of a child.
 */
export const readPhp: LastWordsReader = (lines, { readSource }) => {
  const voucher = new SourceVoucher(readSource, PHP_SOURCES);
  const first = Math.max(0, lines.length - MAX_LINES_AFTER);
  const last = lines.length - 1;
  let tries = 0;
  for (let at = last; at >= first && tries < MAX_TRIES; at--) {
    const line = lines[at] ?? '';
    if (!/ on line \d{1,7}$/.test(line)) continue;
    tries++;
    if (line.startsWith('  thrown in ')) {
      const words = exceptionAt(lines, at, voucher);
      if (words !== null) return words;
      continue;
    }
    const fatal = phpFatalError(lines, at);
    if (fatal !== null) {
      const { form, from, to } = fatal;
      return { ...withoutCauses(errorOf(fatal, voucher), lines.slice(to)), form, from, to };
    }
  }
  return null;
};

/** The place in the last line is that of the throw. */
function exceptionAt(lines: readonly string[], end: number, voucher: SourceVoucher): LastWords | null {
  const thrownAt = phpPlace(lines[end] ?? '');
  const [thrown, ...causes] = phpExceptions(lines, end);
  const top = thrown?.calls[0];
  if (thrown === undefined || thrownAt === null || top === undefined) return null;
  if (top.file !== thrownAt.file || top.line !== thrownAt.line) return null;
  const errors = causes.map((cause) => errorOf(cause, voucher));
  const isVouched = ({ calls }: PrintedError) => calls.some(({ vouched }) => vouched === true);
  const error = errorOf(thrown, voucher);
  // A stack that nothing confirms, where sources can be read, was a part of the message: so was the `Next` below it.
  const text = isVouched(error) ? errors.findIndex((cause) => !isVouched(cause)) : -1;
  const outer = text < 0 ? error : { ...error, type: causes[text]?.type ?? null };
  return {
    ...withoutCauses(outer, lines.slice(end + 1)),
    causes: text < 0 ? errors.slice(0, MAX_CAUSES) : [],
    ...{ form: 'exception', from: (causes.at(-1) ?? thrown).from, to: end + 1 },
  };
}

function withoutCauses(
  error: PrintedError,
  after: readonly string[],
): Omit<LastWords, 'form' | 'from' | 'to'> {
  const linesAfter = after.filter((line) => line !== '').length;
  return {
    ...{
      error,
      causes: [],
      thread: null,
      handled: false,
      pid: null,
      signal: null,
      version: null,
      linesAfter,
    },
  };
}

function errorOf({ type, calls }: PrintedException, voucher: SourceVoucher): PrintedError {
  const checked = believed(calls.slice(0, MAX_CALLS), (call) => voucher.check(call));
  return { type, members: [], cut: Math.max(0, calls.length - MAX_CALLS), ...checked };
}
