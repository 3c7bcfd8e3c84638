import type {
  LastWords,
  LastWordsReader,
  PrintedCall,
  VouchedCall,
  Vouchers,
} from '../../../model/last-words.ts';
import { linesAfter } from '../lines-after.ts';
import { type GoReason, isRequested, isStartOfReason, readReason } from './go-reason.ts';
import { type Goroutine, goroutinesIn, ON_OTHER_THREAD } from './goroutine.ts';

/** Headings that are compared with each other; more are not Go's. */
const MAX_HEADINGS = 64;
/** The same for goroutines before the one that crashed. */
const MAX_GOROUTINES = 256;

/**
 * A panic, fatal error or fatal signal of Go (`runtime/panic.go`, `runtime/traceback.go`): its reason, then the goroutine
 * that it happened in, which a message (before Go 1.23) can imitate in every part. So the goroutine is the first
 * one below the last reason of which all names are in the executable. Without the executable, calls are taken only if
 * nothing else could be meant.
 */
export const readGo: LastWordsReader = (lines, vouchers) => {
  const headings = lines.flatMap((line, at) => (isStartOfReason(line) ? [at] : [])).slice(-MAX_HEADINGS);
  const last = headings.at(-1);
  if (last === undefined || isRequested(lines[last] ?? '')) return null;
  const goroutines = goroutinesIn(lines);
  const below = goroutines.filter(({ from }) => from > last).slice(0, MAX_GOROUTINES);
  const crashed = crashedOf(below, lines, vouchers);
  const end = (crashed ?? below[0])?.from ?? endOfReason(lines, last);
  const start = startOf(headings, goroutines, last, vouchers);
  const reason = readReason(lines.slice(start, end), (name) => vouchers.program?.hasType(name) === true);
  // Without another one that can be meant.
  const isCertain = vouchers.program !== null || (reason.isWhole && !isAmbiguous(below, lines));
  const to = goroutines.at(-1)?.to ?? end;
  return {
    ...wordsOf(reason, isCertain ? crashed : null, vouchers),
    ...{ from: start, to: Math.max(to, end), linesAfter: linesAfter(lines, Math.max(to, end), OF_GO) },
  };
};

function wordsOf(
  { form, type, causes, signal, isRepanic }: GoReason,
  crashed: Goroutine | null,
  { program }: Vouchers,
): Omit<LastWords, 'from' | 'to' | 'linesAfter'> {
  const vouched = program === null ? null : true;
  const printed = crashed?.calls ?? [];
  const calls = (isRepanic ? fromPanic(printed) : printed).map((call): VouchedCall => ({ ...call, vouched }));
  return {
    form,
    error: { type, calls, members: [], refuted: 0, cut: crashed?.cut ?? 0 },
    causes: causes.map((cause) => ({ type: cause, calls: [], members: [], refuted: 0, cut: 0 })),
    thread: crashed === null ? null : crashed.number === 1 ? 'main' : 'other',
    handled: crashed !== null && isPrintedByApp(crashed),
    ...{ pid: null, signal, version: null },
  };
}

/** Without the deferred function that panicked again: the cause is where the first panic was. */
function fromPanic(calls: PrintedCall[]): PrintedCall[] {
  return calls.slice(calls.findLastIndex((call) => call.function === 'panic') + 1);
}

/** `debug.Stack` and `debug.PrintStack` are on top only if the app printed the stack itself. */
function isPrintedByApp({ calls }: Goroutine): boolean {
  return calls[0]?.function === 'runtime/debug.Stack';
}

function crashedOf(
  below: readonly Goroutine[],
  lines: readonly string[],
  { program }: Vouchers,
): Goroutine | null {
  if (program === null) return below.find(({ calls }) => calls.length > 0) ?? null;
  const vouched = (goroutine: Goroutine) =>
    goroutine.calls.length > 0 && goroutine.calls.every((call) => isInProgram(call, program));
  const first = below.find(vouched) ?? null;
  if (first === null || !isPrintedByApp(first)) return first;
  // The message can hold the stack of an earlier panic.
  return (
    below.find(
      (other) => other !== first && isRunning(other, lines) && !isPrintedByApp(other) && vouched(other),
    ) ?? first
  );
}

function isInProgram(call: PrintedCall, program: NonNullable<Vouchers['program']>): boolean {
  const name = call.function === 'panic' ? 'runtime.gopanic' : call.function;
  return name !== null && program.hasFunction(name) && (call.file === null || program.hasFile(call.file));
}

/** Of several goroutines only one is running, except where Go says that its stack is unavailable. */
function isRunning({ state, from }: Goroutine, lines: readonly string[]): boolean {
  return state.startsWith('running') && lines[from + 1] !== ON_OTHER_THREAD;
}

function isAmbiguous(below: readonly Goroutine[], lines: readonly string[]): boolean {
  return below.slice(1).some((goroutine) => isRunning(goroutine, lines));
}

/** The first reason of the same death: what Go prints first is above all that its message holds. */
function startOf(
  headings: readonly number[],
  goroutines: readonly Goroutine[],
  last: number,
  { program }: Vouchers,
): number {
  const isReal = ({ calls }: Goroutine) =>
    calls.length > 0 && (program === null || calls.every((call) => isInProgram(call, program)));
  const before = goroutines.findLast((goroutine) => goroutine.from < last && isReal(goroutine));
  return headings.find((at) => before === undefined || at >= before.to) ?? last;
}

function endOfReason(lines: readonly string[], start: number): number {
  let end = start + 1;
  while (end < lines.length && /^(?:\t+panic: |\[signal |panic: |fatal error: |PC=)/.test(lines[end] ?? ''))
    end++;
  return end;
}

/** Registers below a dump, and what `go run` adds. */
const OF_GO = /^(?:[a-z][a-z0-9]{1,6} {1,8}0x[0-9a-f]{1,16}|exit status \d{1,3}|-----)$/;
