import type { PrintedCall } from '../../../model/last-words.ts';
import { isOutermost, isRubyFold, type RubyHeading, rubyFrom, rubyHeading } from './ruby-lines.ts';

/** One printed exception: its heading, lines of its message and its calls. */
export type RubyBlock = {
  type: string | null;
  calls: PrintedCall[];
  /** Lines of the message can look like calls: these need proof. */
  isAmbiguous: boolean;
  from: number;
  to: number;
};

type Check = (call: PrintedCall) => boolean | null;

const MAX_BLOCKS = 32;
const MAX_MESSAGE_LINES = 200;
const MAX_CALLS = 12_000;

/**
 * The exceptions that end at this line or directly above, in the order in which they are printed: the one that was thrown, then
 * what caused it. Ruby prints them without a separator, and messages can hold lines like theirs: a stack that does not
 * reach its outermost call is not over, so that what follows is not another exception.
 *
 * @param end a line with a call
 */
export function rubyBlocks(lines: readonly string[], end: number, check: Check): RubyBlock[] {
  const blocks: RubyBlock[] = [];
  for (let last = end; blocks.length < MAX_BLOCKS && isRubyCall(lines[last] ?? ''); ) {
    const block = blockUpTo(lines, last, check);
    if (block === null) break;
    blocks.unshift(block);
    last = block.from - 1;
  }
  return afterRepeats(lines, joined(blocks, check));
}

/** Is the line a part of a printed stack? */
export function isRubyCall(line: string): boolean {
  return rubyFrom(line) !== null || isRubyFold(line) || rubyHeading(line) !== null;
}

function blockUpTo(lines: readonly string[], end: number, check: Check): RubyBlock | null {
  const calls: PrintedCall[] = [];
  let at = end;
  for (; at >= 0 && calls.length < MAX_CALLS; at--) {
    const line = lines[at] ?? '';
    const found = rubyFrom(line);
    if (found !== null) calls.push(found);
    else if (!isRubyFold(line)) break;
  }
  const found = headingAbove(lines, at, calls.length > 0, check);
  if (found === null) return null;
  const { heading, from } = found;
  const isAmbiguous = !isWithoutText(lines.slice(from + 1, at + 1));
  return { type: heading.type, calls: [heading.call, ...calls.reverse()], isAmbiguous, from, to: end + 1 };
}

type Found = { heading: RubyHeading; from: number };

/** The nearest heading that its source confirms, else the nearest that it does not contradict. */
function headingAbove(lines: readonly string[], at: number, hasCalls: boolean, check: Check): Found | null {
  let likely: Found | null = null;
  let refuted: Found | null = null;
  for (let from = at; from >= 0 && from > at - MAX_MESSAGE_LINES; from--) {
    const line = lines[from] ?? '';
    const heading = rubyHeading(line);
    if (heading === null) {
      const inside = rubyFrom(line);
      // The calls of an exception that was printed before.
      if (inside !== null && check(inside) === true) break;
      continue;
    }
    const isConfirmed = check(heading.call);
    if (hasCalls && isOutermost(heading.call) && heading.call.function === '<main>') {
      if (isConfirmed === true) break;
      continue;
    }
    if (isConfirmed === true) return { heading, from };
    if (isConfirmed === null) likely ??= { heading, from };
    else refuted ??= { heading, from };
    if (!hasCalls) break;
  }
  return likely ?? refuted;
}

/** Ruby's own additions to a message: an excerpt with a mark below, and similar names. */
function isWithoutText(lines: readonly string[]): boolean {
  return lines.every(
    (line, index) =>
      line === '' ||
      /^\s+\^+$/.test(line) ||
      /^\s+\^+$/.test(lines[index + 1] ?? '') ||
      line.startsWith('Did you mean?  ') ||
      /^ {15}[\w@$:?!=]+$/.test(line),
  );
}

/** Joins a block to the one above whose stack it continues: its heading was a part of the message. */
function joined(blocks: readonly RubyBlock[], check: Check): RubyBlock[] {
  const whole: RubyBlock[] = [];
  for (const block of blocks) {
    const above = whole.at(-1);
    const last = above?.calls.at(-1);
    const isEnd =
      last === undefined ||
      (isOutermost(last) && check(last) !== false) ||
      // The bottom of an enumerator.
      (last.line === null && block.calls.slice(0, 1).some((call) => check(call) === true));
    if (above === undefined || isEnd) {
      whole.push({ ...block });
      continue;
    }
    above.calls.push(...block.calls.slice(1));
    above.isAmbiguous = true;
    above.to = block.to;
  }
  return whole;
}

/** What was printed before was printed again, for example by a thread and then by the main one. */
function afterRepeats(lines: readonly string[], blocks: readonly RubyBlock[]): RubyBlock[] {
  const headings = blocks.map(({ from }) => lines[from] ?? '');
  const repeated = headings.findLastIndex((heading, index) => headings.indexOf(heading, index + 1) >= 0);
  return blocks.slice(repeated + 1);
}
