import type { LastWords, PrintedCall, Vouchers } from '../../../model/last-words.ts';
import { sanitizerType, undefinedBehaviorType } from '../../../model/native-error.ts';
import { linesAfter } from '../lines-after.ts';
import { vouchedNative } from './vouched-native.ts';

const MAX_CALLS = 2_000;
/** `==20054==ERROR: AddressSanitizer: heap-use-after-free on address …` */
const ERROR = /^==(\d{1,10})==\s?(?:ERROR|WARNING): ([A-Z][A-Za-z]{1,30}Sanitizer): (.*)$/;
/** A stack, and what describes it: `READ of size 4 at 0x60b0000000fc thread T0`. */
const MAX_LINES_BEFORE_STACK = 20;
const UNDEFINED = /^(.{1,500}?):(\d{1,7}):(\d{1,7}): runtime error: (.*)$/;

/** The last report of a sanitizer that ended the process, with the calls of its first stack. */
export function readSanitizer(lines: readonly string[], vouchers: Vouchers): LastWords | null {
  for (let at = lines.length - 1; at >= 0; at--) {
    const [, pid, , text = ''] = ERROR.exec(lines[at] ?? '') ?? [];
    const type = pid === undefined ? null : sanitizerType(text);
    if (pid === undefined || type === null) continue;
    const start = firstCall(lines, at);
    const stack = callsAt(lines, start);
    const isLeak = type === 'detected memory leaks';
    // Other reports continue with `halt_on_error=0`.
    const aborts = lines.lastIndexOf(`==${pid}==ABORTING`) > at;
    const thread = THREAD.exec(lines.slice(at, Math.min(start, at + 2)).join(' '))?.[1];
    return {
      ...{ form: isLeak ? 'leak' : 'sanitizer', signal: null, version: null, causes: [] },
      error: { type, ...vouchedNative(stack.calls, vouchers), members: [], cut: stack.cut },
      thread: thread === undefined ? null : thread === '0' ? 'main' : 'other',
      handled: !isLeak && !aborts && !text.startsWith('use-of-'),
      ...{ pid: Number(pid), from: at, to: lines.length, linesAfter: 0 },
    };
  }
  return null;
}

const THREAD = /\bT(\d{1,6})\)?$/;

/** UBSan ends the process if it was built so (`-fno-sanitize-recover`): then its report is the last. */
export function readUndefinedBehavior(lines: readonly string[], vouchers: Vouchers): LastWords | null {
  for (let at = lines.length - 1; at >= Math.max(0, lines.length - MAX_CALLS); at--) {
    const report = lines[at] ?? '';
    const found = report.includes(': runtime error: ') ? UNDEFINED.exec(report) : null;
    const [, file, line, column, text = ''] = found ?? [];
    if (file === undefined) continue;
    const place = { function: null, file, line: Number(line), column: Number(column) };
    const { calls, cut, to } = callsAt(lines, at + 1);
    const printed = calls.length > 0 ? calls : [place];
    return {
      ...{ form: 'undefined-behavior', signal: null, version: null, causes: [], handled: false },
      error: { type: undefinedBehaviorType(text), ...vouchedNative(printed, vouchers), members: [], cut },
      ...{ thread: null, pid: null, from: at, to, linesAfter: linesAfter(lines, to, /^SUMMARY: /) },
    };
  }
  return null;
}

function firstCall(lines: readonly string[], heading: number): number {
  for (let at = heading + 1; at < Math.min(lines.length, heading + MAX_LINES_BEFORE_STACK); at++) {
    if (callOf(lines[at] ?? '') !== null) return at;
  }
  return heading + 1;
}

function callsAt(lines: readonly string[], from: number): { calls: PrintedCall[]; cut: number; to: number } {
  const calls: PrintedCall[] = [];
  let cut = 0;
  let at = from;
  for (; at < lines.length; at++) {
    const call = callOf(lines[at] ?? '');
    if (call === null) break;
    if (calls.length < MAX_CALLS) calls.push(call);
    else cut++;
  }
  return { calls, cut, to: at };
}

/**
 *     #0 0x555f4339b32d in shop::Cart::total() /srv/shop/cart.cc:3:61
 *     #4 0x555f4339b0e0 in _start (/srv/shop/cart.bin+0x10e0) (BuildId: b7417b36…)
 */
function callOf(line: string): PrintedCall | null {
  const [, text] = /^ {1,8}#\d{1,5} 0x[0-9a-f]{1,16} (?:in )?(.+)$/.exec(line) ?? [];
  if (text === undefined) return null;
  const inModule = text.indexOf(' (/');
  if (inModule > 0) return { function: text.slice(0, inModule), file: null, line: null, column: null };
  const at = text.lastIndexOf(' ');
  const [, file, number, column] = /^(.{1,500}?):(\d{1,7})(?::(\d{1,7}))?$/.exec(text.slice(at + 1)) ?? [];
  if (at < 0 || file === undefined) return null;
  return {
    function: text.slice(0, at),
    file,
    line: Number(number),
    column: column === undefined ? null : Number(column),
  };
}
