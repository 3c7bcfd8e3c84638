import { phpLine, phpPlace } from './php-line.ts';
import type { PrintedCall, PrintedException } from './printed-call.ts';

/** The type is looked for above a message of at most this many lines. */
const MAX_MESSAGE_LINES = 200;
const MAX_EXCEPTIONS = 32;

/** An exception and the line at which its text starts. */
export type PhpException = PrintedException & { from: number };

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
 *
 * @param end the line after the last one
 */
export function phpExceptions(lines: readonly string[], end = lines.length): PhpException[] {
  const exceptions: PhpException[] = [];
  // A message between stacks is no longer than this.
  let first = end - MAX_MESSAGE_LINES;
  for (let at = end - 1; at >= Math.max(0, first) && exceptions.length < MAX_EXCEPTIONS; ) {
    const run = phpRunUpTo(lines, at);
    if (run.calls.length === 0) {
      at = run.from - 1;
      continue;
    }
    const hasHeading = lines[run.from - 1] === 'Stack trace:';
    const place = hasHeading ? phpPlace(lines[run.from - 2] ?? '') : null;
    const from = place === null ? run.from : startOf(lines, run.from - 2);
    const type = place === null ? null : phpType(lines[from] ?? '');
    exceptions.push({ type, calls: phpCalls(run.calls, place), from });
    if (UNCAUGHT.test(lines[from] ?? '')) break;
    at = from - 1;
    first = from - MAX_MESSAGE_LINES;
  }
  return exceptions;
}

type Run = { calls: PrintedCall[]; from: number };

/** The calls that end at this line and count down to #0; none if there is a gap, whose line is `from`. */
function phpRunUpTo(lines: readonly string[], end: number): Run {
  const calls: PrintedCall[] = [];
  let expected: number | null = null;
  for (let at = end; at >= 0; at--) {
    const found = phpLine(lines[at] ?? '');
    if (found === null || (expected !== null && found.number !== expected)) {
      return { calls: [], from: at === end ? end : at + 1 };
    }
    calls.push(found.call);
    expected = found.number - 1;
    if (found.number === 0) return { calls: calls.reverse(), from: at };
  }
  return { calls: [], from: 0 };
}

/**
 * The line where an exception's own text starts. A message can hold whole reports: each of them ends with its own `thrown in`,
 * or has no complete stack above its `Next`.
 */
function startOf(lines: readonly string[], last: number): number {
  let open = 0;
  let outermost: number | null = null;
  for (let at = last; at >= 0 && at > last - MAX_MESSAGE_LINES; at--) {
    const line = lines[at] ?? '';
    if (line.startsWith('  thrown in ')) open++;
    else if (NEXT.test(line) && open === 0 && isBelowStack(lines, at)) return at;
    else if (UNCAUGHT.test(line)) {
      if (open === 0) return at;
      open--;
      outermost = at;
    }
  }
  return outermost ?? (last - MAX_MESSAGE_LINES < 0 ? 0 : last);
}

function isBelowStack(lines: readonly string[], at: number): boolean {
  return lines[at - 1] === '' && /^#\d{1,5} \{main\}$/.test(lines[at - 2] ?? '');
}

const NEXT = /^Next [\w\\]+(?:@anonymous.{0,300})?(?::| in )/;
const UNCAUGHT = /\bUncaught [\w\\]+(?:@anonymous.{0,300})?(?::| in )/;

/** `Shop\CartException` of `PHP Fatal error:  Uncaught Shop\CartException: …`; an anonymous class has the name of its parent. */
export function phpType(line: string): string | null {
  const [, type] =
    /(?:^|^Next |\bUncaught )([A-Za-z_\\][\w\\]{0,199})(?:@anonymous.{0,300})?(?::| in )/.exec(line) ?? [];
  return type ?? null;
}

type Place = Pick<PrintedCall, 'file' | 'line'>;

/** Each with the place inside of it: that of the throw, then those that the calls above name. */
export function phpCalls(calls: readonly PrintedCall[], thrown: Place | null): PrintedCall[] {
  return calls.map((called, index) => {
    const { file, line } = (index === 0 ? thrown : calls[index - 1]) ?? { file: null, line: null };
    return { function: called.function, file, line, column: null };
  });
}
