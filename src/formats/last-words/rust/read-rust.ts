import type {
  LastWordsReader,
  PrintedCall,
  PrintedError,
  VouchedCall,
  Vouchers,
} from '../../../model/last-words.ts';
import { linesAfter } from '../lines-after.ts';
import { readMainError, readRustAbort } from './abort.ts';
import { backtraceAt } from './backtrace.ts';
import { type PanicHeading, panicHeadingAt } from './panic-heading.ts';

/** Panics that are compared with each other; more are not of one death. */
const MAX_PANICS = 64;

/**
 * The last panic of Rust's default hook (`std/src/panicking.rs`), or what its runtime says when it aborts. A message can
 * imitate a panic and its backtrace. A panic's place is a constant of the executable, and the backtrace comes last.
 */
export const readRust: LastWordsReader = (lines, vouchers) => {
  const panics = panicsIn(lines, vouchers);
  const last = panics.at(-1);
  const abort = readRustAbort(lines);
  if (last === undefined || (abort !== null && abort.from > endOf(lines, last))) {
    return abort ?? readMainError(lines, vouchers);
  }
  // The runtime's own panic about a panic says where the runtime is.
  const isAboutAnother = panics.length > 1 && CANNOT_UNWIND.test(lines[last.to] ?? '');
  const place = isAboutAnother ? panics.length - 2 : panics.length - 1;
  const panic = panics[place] ?? last;
  const before = causeOf(lines, panics, place, last);
  return {
    ...{ form: 'panic', signal: null, version: null, handled: false },
    error: errorOf(lines, panics, place, vouchers),
    causes: before === null ? [] : [errorOf(lines, panics, before, vouchers)],
    thread: panic.isMain ? 'main' : 'other',
    pid: panic.isMain ? panic.threadId : null,
    ...{ from: panic.from, to: endOf(lines, last) },
    linesAfter: linesAfter(lines, endOf(lines, last), NOTE),
  };
};

const CANNOT_UNWIND = /^panic in a (?:destructor during cleanup|function that cannot unwind)$/;
const DURING_PANIC =
  /^(?:panic in a destructor during cleanup|thread panicked while (?:panicking|processing panic)\. aborting\.)$/;
const JOINED = /^called `Result::unwrap\(\)` on an `Err` value: Any \{ \.\. \}$/;
const NOTE = /^(?:note: |thread (?:caused non-unwinding panic|panicked while )|fatal runtime error: )/;
const BACKTRACE = 'stack backtrace:';
const NO_BACKTRACE = /^note: run with `RUST_BACKTRACE=/;

/** All panics that the executable does not refute; with the IDs of threads, those of a message have none. */
function panicsIn(lines: readonly string[], { program, readSource }: Vouchers): PanicHeading[] {
  const found: PanicHeading[] = [];
  for (let at = lines.length - 1; at >= 0 && found.length < MAX_PANICS; at--) {
    const panic = panicHeadingAt(lines, at);
    if (panic !== null) found.unshift(panic);
  }
  const haveIds = found.some(({ threadId }) => threadId !== null);
  const sources = new Map<string, number | null>();
  const linesOf = (file: string) => {
    if (!sources.has(file)) sources.set(file, readSource(file)?.split('\n').length ?? null);
    return sources.get(file) ?? Number.POSITIVE_INFINITY;
  };
  return found.filter(({ threadId, file, line }) => {
    if (haveIds && threadId === null) return false;
    return program === null ? line <= linesOf(file) : program.hasFile(file);
  });
}

/** The panic that led to another one: in the thread that was joined, or in the same thread before its destructors. */
function causeOf(
  lines: readonly string[],
  panics: readonly PanicHeading[],
  place: number,
  last: PanicHeading,
): number | null {
  const [panic, before] = [panics[place], panics[place - 1]];
  if (panic === undefined || before === undefined) return null;
  if (JOINED.test(lines[panic.to] ?? '') && !before.isMain) return place - 1;
  const isSecond =
    DURING_PANIC.test(lines[last.to] ?? '') || DURING_PANIC.test(lines[endOf(lines, last)] ?? '');
  return isSecond && before.threadId === panic.threadId && before.isMain === panic.isMain ? place - 1 : null;
}

function errorOf(
  lines: readonly string[],
  panics: readonly PanicHeading[],
  place: number,
  vouchers: Vouchers,
): PrintedError {
  const panic = panics[place] as PanicHeading;
  const end = panics[place + 1]?.from ?? lines.length;
  const { calls, cut } = stackOf(lines, panic, end, vouchers) ?? { calls: [], cut: 0 };
  const { program, readSource } = vouchers;
  const isThere = program !== null || readSource(panic.file) !== null;
  const thrown: VouchedCall = {
    ...{ function: null, file: panic.file, line: panic.line, column: panic.column },
    vouched: isThere ? true : null,
  };
  return { type: 'panic', calls: withPlace(calls, thrown), members: [], refuted: 0, cut };
}

/** The last backtrace below a panic: those before it are of its message. */
function stackOf(
  lines: readonly string[],
  panic: PanicHeading,
  end: number,
  { program, readSource }: Vouchers,
): { calls: VouchedCall[]; cut: number } | null {
  let from = -1;
  for (let at = end - 1; at >= panic.to && from < 0; at--) {
    // Rust printed none: what looks like one is of the message.
    if (NO_BACKTRACE.test(lines[at] ?? '')) return null;
    if (lines[at] === BACKTRACE) from = at;
  }
  // With nothing to compare it with, it has to follow a message of one line.
  if (from < 0 || (program === null && from > panic.to + 1)) return null;
  const { calls, cut } = backtraceAt(lines.slice(0, end), from);
  const vouched = calls.flatMap((call): VouchedCall[] => {
    if (program !== null) return isInProgram(call, program) ? [{ ...call, vouched: true }] : [];
    return [{ ...call, vouched: hasLine(call, readSource) ? true : null }];
  });
  return { calls: vouched, cut };
}

function isInProgram(call: PrintedCall, program: NonNullable<Vouchers['program']>): boolean {
  const { function: name, file } = call;
  return name !== null && program.hasFunction(name) && (file === null || program.hasFile(file));
}

function hasLine({ file, line }: PrintedCall, readSource: Vouchers['readSource']): boolean {
  const source = file === null || line === null ? null : readSource(file);
  return source !== null && (line ?? 0) <= source.split('\n').length;
}

/** The place of the panic is that of a call in its backtrace, or stands above the first one that is not of Rust's own. */
function withPlace(calls: readonly VouchedCall[], thrown: VouchedCall): VouchedCall[] {
  const isThere = calls.some(
    ({ file, line }) => line === thrown.line && file !== null && isSameFile(file, thrown.file ?? ''),
  );
  if (isThere) return [...calls];
  const own = calls.findIndex(
    ({ function: name }) => !/^(?:__rustc|rust_begin|std|core|alloc|<)/.test(name ?? ''),
  );
  return own < 0 ? [...calls, thrown] : [...calls.slice(0, own), thrown, ...calls.slice(own)];
}

/** Debug information has absolute names, panics those that the compiler was given. */
function isSameFile(one: string, other: string): boolean {
  return one === other || one.endsWith(`/${other}`) || other.endsWith(`/${one}`);
}

function endOf(lines: readonly string[], panic: PanicHeading): number {
  const backtrace = lines.lastIndexOf(BACKTRACE);
  return backtrace < panic.to ? Math.min(lines.length, panic.to + 1) : backtraceAt(lines, backtrace).to;
}
