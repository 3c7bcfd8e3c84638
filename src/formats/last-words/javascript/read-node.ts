import type {
  LastWords,
  LastWordsReader,
  PrintedError,
  VouchedCall,
  Vouchers,
} from '../../../model/last-words.ts';
import { scriptPath } from '../../script-name.ts';
import { type Excerpt, excerptAbove } from './excerpt.ts';
import { readInspected, withoutMarkers } from './inspected-error.ts';
import { printedType } from './printed-type.ts';
import { isOwn, scriptCall, scriptVoucher } from './script-calls.ts';

const TRAILER = /^Node\.js v(\d{1,3}\.\d{1,3}\.\d{1,3}(?:-[\w.]{1,40})?)$/;
/** Exit handlers print after the trailer. */
const MAX_LINES_AFTER = 100;
/** Lines above the trailer that Node prints in addition. */
const HINT = /^\(Use `\S{1,200} --trace-uncaught \.\.\.` to show where the exception was thrown\)$/;
const MAX_CALLS = 2_000;

/** What Node prints of an uncaught exception or an unhandled rejection, above its version. */
export const readNode: LastWordsReader = (lines, { readSource }) => {
  const trailer = lines.findLastIndex(
    (line, at) => at >= lines.length - MAX_LINES_AFTER && TRAILER.test(line),
  );
  if (trailer < 0) return null;
  const floor = lines.findLastIndex((line, at) => at < trailer && TRAILER.test(line)) + 1;
  let end = trailer;
  while (end > floor && (lines[end - 1] === '' || HINT.test(lines[end - 1] ?? ''))) end--;
  const others = lines.slice(trailer + 1).filter((line) => line !== '').length;
  const { error, causes, excerpt, from } = readError(lines, floor, end, readSource);
  const { form, type } = formOf(error, excerpt, lines);
  return {
    // A child's words, for one.
    form: others > 0 ? 'exception-then-output' : form,
    error: { ...error, type },
    causes,
    ...{ thread: null, handled: false, pid: null, signal: null },
    version: TRAILER.exec(lines[trailer] ?? '')?.[1] ?? null,
    ...{ from, to: trailer + 1, linesAfter: others },
  };
};

/** The stack at the end of what was printed, where a supervisor reports that an exception ended the process: PM2 prints no more. */
export const readReported: LastWordsReader = (lines, { readSource }) => {
  const end = lines.findLastIndex((line) => line !== '') + 1;
  const { error, causes, from } = readError(lines, 0, end, readSource);
  if (error.calls.length === 0) return null;
  return {
    ...{
      form: 'reported',
      error,
      causes,
      thread: null,
      handled: false,
      pid: null,
      signal: null,
      version: null,
    },
    ...{ from, to: end, linesAfter: 0 },
  };
};

type ReadError = Pick<LastWords, 'causes' | 'from'> & {
  error: PrintedError;
  excerpt: Excerpt | null;
};

function readError(
  lines: readonly string[],
  floor: number,
  end: number,
  readSource: Vouchers['readSource'],
): ReadError {
  const vouch = scriptVoucher(readSource);
  const inspected = readInspected(lines, floor, end, vouch);
  const last = inspected.opener;
  const runs = callsAbove(lines, floor, last, inspected.firstCause);
  const excerpt = excerptAbove(lines, runs.from, floor, readSource);
  const header = excerpt?.to ?? runs.from - 1;
  const hasCalls = runs.printed.length > 0;
  const isHeader = header >= floor && header < end && (hasCalls || (lines[header] ?? '').startsWith('['));
  const { type, code } = isHeader
    ? printedType(lines[header] ?? '', excerpt !== null, lines[header + 1])
    : { type: null, code: null };
  const own = vouch(runs.printed.slice(0, MAX_CALLS));
  const emission = own.calls.some(isOwn) ? [] : vouch(runs.emission).calls;
  const calls = [...own.calls, ...emission.filter((call) => !own.calls.some((one) => isSame(one, call)))];
  const { place } = excerpt ?? { place: null };
  return {
    error: {
      ...{ type: vouch.type(type), code: inspected.code ?? code, calls: withPlace(calls, place) },
      ...{ members: inspected.members, refuted: own.refuted, ambiguous: own.ambiguous },
      cut: Math.max(0, runs.printed.length - MAX_CALLS),
    },
    causes: inspected.causes,
    excerpt,
    from: excerpt?.from ?? Math.max(floor, Math.min(header, runs.from)),
  };
}

/** The excerpt proves a line, and is all there is of an error without calls of the app. */
function withPlace(calls: readonly VouchedCall[], place: VouchedCall | null): VouchedCall[] {
  if (place === null) return [...calls];
  if (!calls.some(isOwn)) return [place, ...calls];
  const isPlace = ({ file, line }: VouchedCall) => scriptPath(file) === place.file && line === place.line;
  return calls.map((call) => (isPlace(call) ? { ...call, shown: true } : call));
}

type Runs = {
  printed: NonNullable<ReturnType<typeof scriptCall>>[];
  /** The calls that emitted an 'error' event. */
  emission: NonNullable<ReturnType<typeof scriptCall>>[];
  /** The first line of them. */
  from: number;
};

const EMITTED = /^Emitted 'error' event(?: on .{1,200} instance)? at:$/;

/** The calls that end at a line, in one piece. */
function callsAbove(lines: readonly string[], floor: number, last: number, cause: readonly string[]): Runs {
  const run = runAbove(lines, floor, last);
  if (run.from - 1 < floor || !EMITTED.test(lines[run.from - 1] ?? '')) {
    return { printed: parsed(withoutMarkers(run.lines, cause)), emission: [], from: run.from };
  }
  const thrown = runAbove(lines, floor, run.from - 2);
  return {
    printed: parsed(withoutMarkers(thrown.lines, cause)),
    emission: parsed(run.lines),
    from: thrown.from,
  };
}

function runAbove(lines: readonly string[], floor: number, last: number): { lines: string[]; from: number } {
  let from = last + 1;
  while (from > floor && /^ {4}(?:at |\.\.\. \d)/.test(lines[from - 1] ?? '')) from--;
  return { lines: lines.slice(from, last + 1), from };
}

function parsed(lines: readonly string[]): Runs['printed'] {
  return lines.flatMap((line) => scriptCall(line, 4) ?? []);
}

function isSame(one: { file: string | null; line: number | null }, other: typeof one): boolean {
  return one.file !== null && one.line !== null && one.file === other.file && one.line === other.line;
}

const PROMISES = 'node:internal/process/promises';

function formOf(
  { type }: PrintedError,
  excerpt: Excerpt | null,
  lines: readonly string[],
): { form: string; type: string | null } {
  const header = excerpt === null ? '' : (lines[excerpt.to] ?? '');
  if (type === 'RangeError' && header === 'RangeError: Maximum call stack size exceeded') {
    return { form: 'stack-overflow', type };
  }
  return { form: excerpt?.nodeFile === PROMISES ? 'rejection' : 'exception', type };
}
