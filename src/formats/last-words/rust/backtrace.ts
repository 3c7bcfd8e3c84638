import type { PrintedCall } from '../../../model/last-words.ts';

const MAX_CALLS = 2_000;
/** `   5: plain::shop::discount`, with `RUST_BACKTRACE=full` `  18:     0x55f729587a3a - double_panic::f::h29…`. */
const CALL = /^ {0,4}\d{1,5}: +(?:0x[0-9a-f]{1,16} - )?(\S.*)$/;
/** Calls that were inlined into the one above, before Rust 1.50. */
const INLINED = /^ {6,40}(?!at )(?:- )?([\w<].*)$/;
const PLACE = /^ {10,60}at (.{1,500}?):(\d{1,7})(?::(\d{1,7}))?$/;

/** The calls below the line `stack backtrace:`, and the line after them. */
export function backtraceAt(
  lines: readonly string[],
  from: number,
): { calls: PrintedCall[]; cut: number; to: number } {
  const calls: PrintedCall[] = [];
  let cut = 0;
  let at = from + 1;
  for (; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const name = CALL.exec(line)?.[1] ?? INLINED.exec(line)?.[1];
    if (name === undefined) break;
    const [, file = null, number, column] = PLACE.exec(lines[at + 1] ?? '') ?? [];
    if (file !== null) at++;
    if (calls.length >= MAX_CALLS) cut++;
    else {
      calls.push({
        function: rustName(name),
        file: file?.replace(/^\.\//, '') ?? null,
        line: number === undefined ? null : Number(number),
        column: column === undefined ? null : Number(column),
      });
    }
  }
  return { calls, cut, to: at };
}

/** Without the parts that differ between builds: `::h29ab…`, `std[e28293b1aa0f68bd]`. */
function rustName(name: string): string {
  return name.replace(/::h[0-9a-f]{16}$/, '').replace(/\[[0-9a-f]{8,16}\]/g, '');
}
