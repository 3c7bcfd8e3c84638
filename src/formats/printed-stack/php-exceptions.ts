import { LINE_PARSERS } from './line-parsers.ts';
import { call, type PrintedCall, type PrintedException } from './printed-call.ts';

/** The type is looked for above a message of at most this many lines. */
const MAX_MESSAGE_LINES = 200;

/**
 * Exceptions, the thrown one first, from text in which PHP prints the cause first:
 *
 *     PHP Fatal error:  Uncaught Shop\CartException: message in /srv/shop/Cart.php:12
 *     Stack trace:
 *     #0 /srv/shop/Checkout.php(40): Shop\Cart->total()
 *     #1 {main}
 *
 * Read upwards, since a message can hold lines that look like calls: the calls count down to #0 without a gap, then
 * comes the heading, and above it the place of the throw, which is that of #0. Each call names the place of its caller.
 */
export function phpExceptions(lines: readonly string[]): PrintedException[] {
  const exceptions: PrintedException[] = [];
  let at = lines.length - 1;
  while (at >= 0) {
    const [number] = numbered(lines[at] ?? '');
    if (number === undefined) {
      at--;
      continue;
    }
    const first = at - number;
    const isRun = lines.slice(Math.max(0, first), at).every((line, index) => numbered(line)[0] === index);
    if (first < 0 || !isRun) {
      at--;
      continue;
    }
    const calls = lines.slice(first, at + 1).map((line) => numbered(line)[1]);
    const hasHeading = lines[first - 1] === 'Stack trace:';
    const place = hasHeading ? placeOfThrow(lines[first - 2] ?? '') : null;
    const start = place === null ? first : startOf(lines, first - 2);
    exceptions.push({
      type: place === null ? null : typeIn(lines[start] ?? ''),
      calls: moved(calls, place),
    });
    at = (place === null ? first : start) - 1;
  }
  return exceptions.length === 0 ? [{ type: null, calls: [] }] : exceptions;
}

function numbered(line: string): [number: number, call: PrintedCall] | [] {
  const [, number] = /^#(\d{1,4}) /.exec(line) ?? [];
  const found = number === undefined ? null : LINE_PARSERS.php(line, '');
  return found === null ? [] : [Number(number), found];
}

type Place = Pick<PrintedCall, 'file' | 'line'>;

/** `… in /srv/shop/Cart.php:12` */
function placeOfThrow(line: string): Place | null {
  const at = line.lastIndexOf(' in ');
  const [, file, number] = at < 0 ? [] : (/^(.{1,500}):(\d{1,7})$/.exec(line.slice(at + 4)) ?? []);
  return file === undefined ? null : { file, line: Number(number) };
}

/** The line where an exception's own text starts. */
function startOf(lines: readonly string[], last: number): number {
  for (let at = last; at >= 0 && at > last - MAX_MESSAGE_LINES; at--)
    if (START.test(lines[at] ?? '')) return at;
  return last - MAX_MESSAGE_LINES < 0 ? 0 : last;
}

const START = /^Next [\w\\]+(?::| in )|\bUncaught [\w\\]+(?::| in )/;

function typeIn(line: string): string | null {
  return /(?:^|^Next |\bUncaught )([A-Za-z_\\][\w\\]{0,199})(?::| in )/.exec(line)?.[1] ?? null;
}

function moved(calls: readonly (PrintedCall | undefined)[], thrown: Place | null): PrintedCall[] {
  return calls.map((called, index) => {
    const { file, line } = (index === 0 ? thrown : calls[index - 1]) ?? { file: null, line: null };
    return { ...call(called?.function ?? null, file), line };
  });
}
