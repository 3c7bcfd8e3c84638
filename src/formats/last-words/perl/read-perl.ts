import type { LastWords, LastWordsReader } from '../../../model/last-words.ts';
import type { PrintedCall } from '../../printed-stack/printed-call.ts';
import { believed, SourceVoucher } from '../source-voucher.ts';
import { enclosingSub } from './enclosing-sub.ts';
import { perlErrorForm } from './perl-errors.ts';
import { carpLine, PERL_SOURCES, perlPlace } from './perl-lines.ts';
import { isAppsOwn, perlVerdict } from './perl-verdict.ts';

const MAX_LINES_AFTER = 20;
const MAX_CALLS = 2_000;
const MAX_ERRORS = 50;

/** What Perl prints after the error itself. */
const ABORTED =
  /^(?:Execution of .{1,500} aborted due to compilation errors|.{1,500} had (?:compilation|too many) errors|BEGIN failed--compilation aborted at .{1,500} line \d+|Compilation failed in require at .{1,500} line \d+)\.$/;
const TRAILERS =
  /^$|^\t\.\.\.propagated at .{1,500} line \d+\.$|^Perl exited with active threads:$|^\t\d+ (?:running|finished) and |^END failed--/;

type Found = { form: string; type: string | null; calls: PrintedCall[]; from: number; to: number };

/**
 * What Perl prints when nothing catches a `die`: one line with a place, or Carp's stack. Warnings look the same: the source line
 * has to say which it was.
 */
export const readPerl: LastWordsReader = (lines, { readSource }) => {
  const voucher = new SourceVoucher(readSource, PERL_SOURCES);
  const found = perlError(lines, voucher);
  if (found === null) return null;
  const { form, type, from, to } = found;
  const checked = believed(found.calls.slice(0, MAX_CALLS), (call) => voucher.check(call));
  const cut = Math.max(0, found.calls.length - MAX_CALLS);
  return {
    form,
    error: { type, members: [], cut, ...checked },
    ...{ causes: [], thread: null, handled: false, pid: null, signal: null, version: null, from, to },
    linesAfter: lines.slice(to).filter((line) => line !== '').length,
  } satisfies LastWords;
};

function perlError(lines: readonly string[], voucher: SourceVoucher): Found | null {
  let isAborted = false;
  for (let at = lines.length - 1; at >= 0 && at > lines.length - MAX_LINES_AFTER; at--) {
    const line = lines[at] ?? '';
    const isTrailer = TRAILERS.test(line);
    isAborted ||= ABORTED.test(line);
    if (isTrailer || ABORTED.test(line)) continue;
    const found = isAborted ? compileError(lines, at) : errorUpTo(lines, at, voucher);
    if (found !== null) return { ...found, to: isTrailingOnly(lines, at) ? lines.length : found.to };
    // Nothing above a stack would be more of it.
    if (isAborted || carpLine(line) !== null) return null;
  }
  return null;
}

function isTrailingOnly(lines: readonly string[], at: number): boolean {
  return lines.slice(at + 1).every((line) => TRAILERS.test(line) || ABORTED.test(line));
}

/** Perl reports several errors of a file; the first one is meant. */
function compileError(lines: readonly string[], end: number): Found | null {
  let first: Found | null = null;
  for (let from = end; from >= 0 && from > end - MAX_ERRORS; from--) {
    const line = lines[from] ?? '';
    const near = line.indexOf(', near "');
    const place = perlPlace(near < 0 ? line : `${line.slice(0, near)}.`);
    if (place === null) break;
    const isMissing = perlErrorForm(place.text) === 'missing-module';
    first = {
      form: isMissing ? 'missing-module' : 'compile-error',
      type: null,
      calls: [place.call],
      from,
      to: end + 1,
    };
  }
  return first;
}

function errorUpTo(lines: readonly string[], end: number, voucher: SourceVoucher): Found | null {
  const line = lines[end] ?? '';
  const one = { type: null, calls: [], from: end, to: end + 1 };
  if (/^Out of memory(?:!$| (?:in|during) )/.test(line)) return { ...one, form: 'out-of-memory' };
  const [, object] =
    /^((?:\w+::)*[A-Za-z_]\w*)=(?:HASH|ARRAY|SCALAR|CODE|GLOB|REF)\(0x[0-9a-f]+\)$/.exec(line) ?? [];
  if (object !== undefined) return { ...one, form: 'object', type: object };
  const callers = [];
  let at = end;
  for (; at >= 0 && callers.length < MAX_CALLS; at--) {
    const found = carpLine(lines[at] ?? '');
    if (found === null) break;
    callers.push(found);
  }
  callers.reverse();
  const place = perlPlace(lines[at] ?? '');
  if (place === null) return null;
  const statement = statementAt(place.call, voucher);
  const isPerls = statement !== null && !isAppsOwn(statement);
  const form = (isPerls ? perlErrorForm(place.text) : null) ?? perlVerdict(place.text, statement);
  // A line of a log can end like this.
  if (form === null || (form === 'croak' && !place.hasStop)) return null;
  const places = [place.call, ...callers.map((caller) => caller.at)];
  const names =
    callers.length === 0 ? [subOf(place.call, voucher)] : [...callers.map(({ name }) => name), '<main>'];
  const calls = places.map((called, index) => ({ ...called, function: names[index] ?? null }));
  return { form, type: null, calls, from: at, to: end + 1 };
}

function subOf({ file, line }: PrintedCall, voucher: SourceVoucher): string | null {
  return file === null || line === null ? null : enclosingSub((at) => voucher.lineOf(file, at), line);
}

/** Perl names the line where a statement starts. */
function statementAt({ file, line }: PrintedCall, voucher: SourceVoucher): string | null {
  let statement: string | null = null;
  for (let next = 0; next < 10 && file !== null && line !== null; next++) {
    const text = voucher.lineOf(file, line + next);
    if (text === null) break;
    statement = `${statement ?? ''}${text.slice(0, 2_000)}\n`;
    if (/;\s*\}?\s*(?:#.*)?$/.test(text.slice(0, 2_000))) break;
  }
  return statement;
}
