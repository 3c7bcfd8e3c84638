import type { PrintedError, VouchedCall } from '../../../model/last-words.ts';
import type { PythonSources } from './python-sources.ts';
import {
  exceptionType,
  HEADING,
  isRepeatLine,
  isSourceLine,
  isUsualType,
  tracebackCall,
} from './traceback-lines.ts';

/** One traceback: the calls between a heading and the line that names the exception. */
export type TracebackBlock = {
  /** Line of the heading; -1 if the text was cut before it. */
  heading: number;
  /** The line after the exception's own. */
  end: number;
  error: PrintedError;
  /**
   * What its sources say: they have it, it has no place in a file (`<string>`), its files cannot be read, or they
   * contradict it.
   */
  trust: 'vouched' | 'unplaced' | 'absent' | 'refuted';
};

const MAX_CALLS = 2_000;
/** Lines of other writers in one piece. */
const MAX_FOREIGN = 40;
/** Source, carets and the type. */
const MAX_SOURCE = 3;
/** Lines of other writers between a call and its source line. */
const MAX_BETWEEN = 8;

/** @returns null if no calls follow the heading, or no exception follows them */
export function readBlock(
  lines: readonly string[],
  heading: number,
  sources: PythonSources,
): TracebackBlock | null {
  const calls: VouchedCall[] = [];
  const counts = { true: 0, false: 0, absent: 0 };
  let foreign = 0;
  for (let at = heading + 1; at < lines.length && foreign <= MAX_FOREIGN; at++) {
    const line = lines[at] ?? '';
    if (line.endsWith(HEADING)) return null;
    const call = tracebackCall(line);
    if (call !== null) {
      const vouched = sources.check(call, sourceBelow(lines, at));
      foreign = 0;
      if (vouched === true) counts.true++;
      if (vouched === false) counts.false++;
      else calls.push({ ...call, vouched });
      if (vouched === null && call.file?.startsWith('<') === false) counts.absent++;
    } else if (isRepeatLine(line)) fold(calls);
    else if (isSourceLine(line)) foreign = 0;
    else {
      const type = calls.length + counts.false === 0 ? null : exceptionType(line);
      if (type !== null && !(isForeign(type) && continues(lines, at, sources))) {
        return { heading, end: at + 1, error: errorOf(type, calls, counts.false), trust: trustOf(counts) };
      }
      foreign++;
    }
  }
  return null;
}

function errorOf(type: string, calls: VouchedCall[], refuted: number): PrintedError {
  // Python prints the newest call last.
  const innermost = calls.reverse().slice(0, MAX_CALLS);
  return { type, calls: innermost, members: [], refuted, cut: calls.length - innermost.length };
}

function trustOf(counts: { true: number; false: number; absent: number }): TracebackBlock['trust'] {
  if (counts.true > 0) return 'vouched';
  if (counts.false > 0) return 'refuted';
  return counts.absent > 0 ? 'absent' : 'unplaced';
}

/** The source line of a call, below lines of other writers. */
function sourceBelow(lines: readonly string[], at: number): string | null {
  for (let below = at + 1; below <= at + 1 + MAX_BETWEEN; below++) {
    const line = lines[below] ?? '';
    if (isSourceLine(line)) return line.slice(4);
    if (tracebackCall(line) !== null || line.endsWith(HEADING)) return null;
    const type = exceptionType(line);
    if (type !== null && !isForeign(type)) return null;
  }
  return null;
}

/** `worker: started`: a line of another writer can look like an exception. */
function isForeign(type: string): boolean {
  return !isUsualType(type);
}

/**
 * Whether the same traceback goes on soon: what looked like its end was another writer's line. A type alone has no
 * message, so that calls or another type below it are not part of one.
 */
function continues(lines: readonly string[], end: number, sources: PythonSources): boolean {
  const isAlone = lines[end]?.includes(':') === false;
  if (isAlone && isSourceLine(lines[end + 1] ?? '')) return true;
  for (let at = end + 1; at <= end + MAX_BETWEEN; at++) {
    const line = lines[at] ?? '';
    if (line.endsWith(HEADING)) return false;
    const call = tracebackCall(line);
    if (call === null) {
      if (isAlone && at <= end + MAX_SOURCE && isUsualType(exceptionType(line) ?? '')) return true;
      continue;
    }
    const vouched = sources.check(call, sourceBelow(lines, at));
    return vouched === true || (vouched === null && isAlone);
  }
  return false;
}

/** Python prints the first three calls of a recursion, and counts the others. */
function fold(calls: VouchedCall[]): void {
  const last = calls.at(-1);
  while (last !== undefined && calls.length > 1) {
    const { function: name, file, line } = calls.at(-2) ?? {};
    if (name !== last.function || file !== last.file || line !== last.line) return;
    calls.pop();
  }
}
