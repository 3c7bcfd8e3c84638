import type { LastWords, LastWordsReader, PrintedError } from '../../../model/last-words.ts';
import { believed, SourceVoucher } from '../source-voucher.ts';
import { rubyBug } from './bug-report.ts';
import { isRubyCall, type RubyBlock, rubyBlocks } from './exception-blocks.ts';
import { RUBY_SOURCES, rubyFrom } from './ruby-lines.ts';
import { rubyWithoutStack } from './syntax-error.ts';

const MAX_LINES_AFTER = 20;
const MAX_CALLS = 2_000;
const MAX_CAUSES = 16;
const THREAD_REPORT = / terminated with exception \(report_on_exception is true\):$/;

/** What Ruby prints for an exception that nothing rescued, for a syntax error, and when its own code fails. */
export const readRuby: LastWordsReader = (lines, { readSource }) => {
  const voucher = new SourceVoucher(readSource, RUBY_SOURCES);
  const bug = rubyBug(lines, (call) => voucher.check(call));
  if (bug !== null) return bug;
  const rest = { handled: false, pid: null, signal: null, version: null };
  const place = rubyWithoutStack(lines, (file, line) => voucher.lineOf(file, line));
  if (place !== null) {
    const { calls, refuted } = believed(place.call === null ? [] : [place.call], (call) =>
      voucher.check(call),
    );
    const error = { type: place.type, calls, refuted, members: [], cut: 0 };
    return {
      ...{ form: 'exception', error, causes: [], thread: null, ...rest },
      ...{ from: place.from, to: lines.length, linesAfter: 0 },
    };
  }
  return rubyException(lines, voucher);
};

function rubyException(lines: readonly string[], voucher: SourceVoucher): LastWords | null {
  const end = lastCall(lines);
  if (end < 0) return null;
  const blocks = isNewestLast(lines, end)
    ? newestLast(lines, end)
    : rubyBlocks(lines, end, (call) => voucher.check(call));
  const [thrown, ...causes] = blocks;
  if (thrown === undefined) return null;
  const errors = blocks.map((block) => errorOf(block, voucher));
  const isVouched = ({ calls }: PrintedError) => calls.some(({ vouched }) => vouched === true);
  // Where sources can be read, a cause that none of them confirms is text.
  const hasSources = errors.some((error) => error.refuted > 0 || isVouched(error));
  const isThread = THREAD_REPORT.test(lines[thrown.from - 1] ?? '');
  const to = (causes.at(-1) ?? thrown).to;
  const after = lines.slice(to).filter((line) => line !== '');
  return {
    form: 'exception',
    error: errors[0] ?? errorOf(thrown, voucher),
    causes: errors
      .slice(1)
      .filter((error) => !hasSources || isVouched(error))
      .slice(0, MAX_CAUSES),
    thread: isThread ? 'other' : null,
    // Ruby itself prints the newest call last only on a terminal, which the worker's standard error is not.
    handled: isNewestLast(lines, end),
    ...{ pid: null, signal: null, version: null },
    ...{ from: thrown.from, to, linesAfter: isAddition(lines, to) ? 0 : after.length },
  };
}

/** The last line with a call, if not much follows. */
function lastCall(lines: readonly string[]): number {
  const end = lines.findLastIndex(isRubyCall);
  return lines.length - end > MAX_LINES_AFTER ? -1 : end;
}

/** Below a heading without calls: the excerpt, and similar names. */
function isAddition(lines: readonly string[], to: number): boolean {
  return (
    rubyFrom(lines[to - 1] ?? '') === null &&
    lines[to] === '' &&
    /^\s+\^+$/.test(lines[to + 2] ?? '') &&
    lines.slice(to + 3).every((line) => line === '' || /^(?:Did you mean\?| {13}) {2}\S+$/.test(line))
  );
}

function errorOf({ type, calls, isAmbiguous }: RubyBlock, voucher: SourceVoucher): PrintedError {
  const checked = believed(calls.slice(0, 1), (call) => voucher.check(call));
  const others = believed(calls.slice(1, MAX_CALLS), (call) => voucher.check(call), isAmbiguous);
  return {
    type,
    calls: [...checked.calls, ...others.calls],
    members: [],
    refuted: checked.refuted + others.refuted,
    ambiguous: others.ambiguous,
    cut: Math.max(0, calls.length - MAX_CALLS),
  };
}

const NEWEST_LAST = 'Traceback (most recent call last):';

/** A heading below numbered calls: `\t1: from shop.rb:2:in '<main>'`. */
function isNewestLast(lines: readonly string[], end: number): boolean {
  return rubyFrom(lines[end] ?? '') === null && /^\t {0,6}1: from /.test(lines[end - 1] ?? '');
}

/** Calls from the outermost to the innermost, then the heading; causes come first. */
function newestLast(lines: readonly string[], end: number): RubyBlock[] {
  const start = lines.lastIndexOf(NEWEST_LAST, end);
  if (start < 0) return [];
  const blocks: RubyBlock[] = [];
  let from = start + 1;
  for (let at = from; at <= end; at++) {
    const line = lines[at] ?? '';
    if (rubyFrom(line) !== null || !isRubyCall(line)) continue;
    const [block] = rubyBlocks([line, ...lines.slice(from, at).reverse()], at - from, () => true);
    if (block !== undefined) blocks.unshift({ ...block, from: start, to: at + 1 });
    from = at + 1;
  }
  return blocks;
}
