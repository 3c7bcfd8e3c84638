import type { LastWords, Vouchers } from '../../../model/last-words.ts';
import { RUST_ALLOCATION_FAILED, RUST_STACK_OVERFLOW } from '../../../model/native-error.ts';
import { linesAfter } from '../lines-after.ts';

const MAX_LINES_BACK = 64;
const NOTE = /^(?:note: |fatal runtime error: |stack backtrace:| {2,}(?:\d{1,5}: |at ))/;
const ALLOCATION = /^memory allocation of \d{1,20} bytes failed$/;
const OVERFLOWED = /^thread '([^']{0,200})'(?: \((\d{1,10})\))? has overflowed its stack$/;

/** Rust's runtime aborts: there is no panic, and no place. */
export function readRustAbort(lines: readonly string[]): LastWords | null {
  for (let at = lines.length - 1; at >= Math.max(0, lines.length - MAX_LINES_BACK); at--) {
    const line = lines[at] ?? '';
    if (ALLOCATION.test(line)) return wordsAt(lines, at, 'abort', RUST_ALLOCATION_FAILED);
    const [, thread, id] = OVERFLOWED.exec(line) ?? [];
    if (thread === undefined) continue;
    const isMain = thread === 'main';
    const pid = isMain && id !== undefined ? Number(id) : null;
    const type = RUST_STACK_OVERFLOW;
    return { ...wordsAt(lines, at, 'abort', type), thread: isMain ? 'main' : 'other', pid };
  }
  return null;
}

/**
 * `Error: CouponError { code: "…" }`, the last line if `main` returned an error: its type, if the executable has its name.
 * Any text can stand there, so without that there is nothing to go by.
 */
export function readMainError(lines: readonly string[], { program }: Vouchers): LastWords | null {
  const [, type] = /^Error: ([A-Z][A-Za-z0-9]{2,80})(?: \{ .*|\(.*|)$/.exec(lines.at(-1) ?? '') ?? [];
  if (type === undefined || program?.hasType(type) !== true) return null;
  return { ...wordsAt(lines, lines.length - 1, 'main-error', type), thread: 'main' };
}

function wordsAt(lines: readonly string[], at: number, form: string, type: string): LastWords {
  return {
    ...{ form, handled: false, signal: null, version: null, causes: [] },
    error: { type, calls: [], members: [], refuted: 0, cut: 0 },
    ...{ thread: null, pid: null, from: at, to: at + 1, linesAfter: linesAfter(lines, at + 1, NOTE) },
  };
}
