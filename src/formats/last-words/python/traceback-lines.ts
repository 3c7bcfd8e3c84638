import type { PrintedCall } from '../../../model/last-words.ts';
import { LINE_PARSERS } from '../../printed-stack/line-parsers.ts';

/** Lines of `traceback` and of the interpreter's own printer, Python 3.6 to 3.13. */
export const HEADING = 'Traceback (most recent call last):';

/** `KeyError: 'coupon'`, `MemoryError`, `shop.pricing.CouponError: …`; what follows the colon is private. */
export function exceptionType(line: string): string | null {
  const end = line.search(/[:\s]/);
  const name = end < 0 ? line : line.slice(0, end);
  if (end >= 0 && line[end] !== ':') return null;
  if (end >= 0 && end + 1 < line.length && line[end + 1] !== ' ') return null;
  return name.length <= MAX_TYPE && TYPE.test(name) ? name : null;
}

const MAX_TYPE = 200;
const TYPE = /^[\p{L}_][\p{L}\p{N}_]*(?:\.(?:[\p{L}_][\p{L}\p{N}_]*|<locals>))*$/u;

/** Almost all types end like this. */
export function isUsualType(type: string): boolean {
  return /(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Group|Timeout|timeout)$/.test(type);
}

/** `  File "/srv/shop/cart.py", line 12, in total`; without `, in` it is the place of a syntax error. */
export function tracebackCall(line: string): PrintedCall | null {
  return line.startsWith('  File "') ? LINE_PARSERS.python(line, '') : null;
}

/** `    return cart["coupon"]`, four spaces deep; the line of carets below it is one as well. */
export function isSourceLine(line: string): boolean {
  return line.startsWith('    ') && line.length > 4;
}

export function isRepeatLine(line: string): boolean {
  return /^ {2}\[Previous line repeated \d{1,9} more times?\]$/.test(line);
}

const LINKS: ReadonlySet<string> = new Set([
  'The above exception was the direct cause of the following exception:',
  'During handling of the above exception, another exception occurred:',
]);

/** Whether the block that starts at a line was caused by the one above it. */
export function followsCause(lines: readonly string[], heading: number): boolean {
  return (
    heading >= 3 &&
    lines[heading - 1] === '' &&
    LINKS.has(lines[heading - 2] ?? '') &&
    lines[heading - 3] === ''
  );
}

/** Starts with a time, an address, a level or a brace, as a line of a log does. */
export function isLogLine(line: string): boolean {
  return LOG_LINE.test(line);
}

const LOG_LINE =
  /^(?:[[<({]?(?:\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|TRACE\b|DEBUG\b|INFO\b|NOTICE\b|WARN\b|WARNING\b|ERROR\b|CRITICAL\b|FATAL\b)|\d{1,3}(?:\.\d{1,3}){3} |\{")/;

/** What the line above a block says of it: it is about another thread, or was printed by code that caught it. */
export function heraldOf(line: string): 'thread' | 'ignored' | 'handled' | null {
  if (line.startsWith('Exception in thread ')) return 'thread';
  if (/^(?:Exception ignored in|Task exception was never|future: <|task: <)/.test(line)) return 'ignored';
  if (/^(?:--- Logging error ---|Exception in callback |handle: <|Error in )/.test(line)) return 'handled';
  return isLogLine(line) && /\b[Ee]xception (?:in|on|while|during|occurred)\b/.test(line) ? 'handled' : null;
}
