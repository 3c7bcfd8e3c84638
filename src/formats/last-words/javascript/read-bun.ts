import type { LastWords, LastWordsReader, PrintedError, Vouchers } from '../../../model/last-words.ts';
import { printedType } from './printed-type.ts';
import { isCallLine, scriptCall, scriptVoucher } from './script-calls.ts';

const TRAILER = /^Bun v(\d{1,3}\.\d{1,3}\.\d{1,3}(?:-[\w.]{1,40})?) \(Linux [\w ]{1,20}\)$/;
const PANIC = /^panic(?:\(\w[\w ]{0,40}\))?: /;
const VERSION = /^Bun (?:Canary )?v(\d{1,3}\.\d{1,3}\.\d{1,3})/;
const SIGNALS: Readonly<Record<string, string>> = {
  'Segmentation fault': 'SIGSEGV',
  'Bus error': 'SIGBUS',
  'Illegal instruction': 'SIGILL',
  'Floating point error': 'SIGFPE',
};
const MAX_LINES = 2_000;
/** An error, its causes or its members. */
const MAX_BLOCKS = 10;

/** What Bun prints of an uncaught error, above its version, and of its own crash. */
export const readBun: LastWordsReader = (lines, { readSource }) => {
  const trailer = lines.findLastIndex((line) => line !== '');
  const [, version] = TRAILER.exec(lines[trailer] ?? '') ?? [];
  if (version === undefined) return readPanic(lines);
  const floor = Math.max(0, trailer - MAX_LINES);
  const blocks = blocksAbove(lines, floor, trailer, readSource);
  const [first, ...others] = blocks.toReversed();
  // Members follow each other, a cause stands below an empty line.
  const isAggregate =
    others.length > 0 && blocks.every(({ isApart }, at) => at === blocks.length - 1 || !isApart);
  const errors = others.map(({ error }) => error);
  const error = first?.error ?? { type: null, calls: [], members: [], refuted: 0, cut: 0 };
  return {
    ...NOTHING,
    form: 'uncaught',
    // Bun prints its members only.
    error: isAggregate ? { ...NOTHING.error, type: 'AggregateError', members: [error, ...errors] } : error,
    causes: isAggregate ? [] : errors,
    ...{ version, from: first?.from ?? Math.max(floor, trailer - 1), to: trailer + 1 },
  };
};

const NOTHING: LastWords = {
  form: 'crash',
  error: { type: null, calls: [], members: [], refuted: 0, cut: 0 },
  causes: [],
  ...{ thread: null, handled: false, pid: null, signal: null, version: null, from: 0, to: 0, linesAfter: 0 },
};

type Block = { error: PrintedError; from: number; isApart: boolean };

/** The blocks that end with calls, from the last one up. */
function blocksAbove(
  lines: readonly string[],
  floor: number,
  end: number,
  readSource: Vouchers['readSource'],
): Block[] {
  const vouch = scriptVoucher(readSource);
  const blocks: Block[] = [];
  let at = end;
  while (blocks.length < MAX_BLOCKS) {
    while (at > floor && lines[at - 1] === '') at--;
    // What stands above is of a child.
    if (TRAILER.test(lines[at - 1] ?? '')) break;
    const isSyntax = isCallLine(lines[at - 1] ?? '', 4);
    const indent = isSyntax ? 4 : 6;
    let first = at;
    while (first > floor && isCallLine(lines[first - 1] ?? '', indent)) first--;
    if (first === at) break;
    const printed = lines.slice(first, at).flatMap((line) => scriptCall(line, indent) ?? []);
    const calls = vouch(printed);
    const { header, from } = headerAbove(lines, floor, first, calls.calls[0] ?? null, readSource);
    const named = isSyntax ? syntaxType(lines[header] ?? '') : typeIn(lines[header] ?? '', lines[header + 1]);
    const type = vouch.type(named);
    blocks.push({ error: { type, ...calls, members: [], cut: 0 }, from, isApart: lines[from - 1] === '' });
    at = from;
  }
  return blocks;
}

type Place = { file: string | null; line: number | null };

/** Above the error's own line stands its source, with a caret below it. */
function headerAbove(
  lines: readonly string[],
  floor: number,
  end: number,
  top: Place | null,
  readSource: Vouchers['readSource'],
): { header: number; from: number } {
  const source = top?.file == null ? null : (readSource(top.file)?.split('\n') ?? null);
  let nearest = -1;
  for (let at = end - 1; at > floor; at--) {
    if (!/^ *\^$/.test(lines[at - 1] ?? '')) continue;
    const [, number, text = ''] = /^ *(\d{1,7}) \| (.*)$/.exec(lines[at - 2] ?? '') ?? [];
    if (number === undefined) continue;
    const line = source?.[Number(number) - 1];
    const isVouched = line !== undefined && Number(number) === top?.line && isShown(line, text);
    if (source !== null && !isVouched) continue;
    nearest = at;
    break;
  }
  if (nearest < 0) return { header: end - 1, from: Math.max(floor, end - 1) };
  let from = nearest - 1;
  while (from > floor && /^ *\d{1,7} \| /.test(lines[from - 1] ?? '')) from--;
  return { header: nearest, from };
}

/** A long line is cut. */
function isShown(line: string, text: string): boolean {
  const [whole, shown] = [line.trim(), text.trim()];
  return whole === shown || (shown.length >= MIN_CUT && whole.startsWith(shown.slice(0, MIN_CUT)));
}

const MIN_CUT = 80;

/** `error: …` is an Error. */
function typeIn(header: string, next: string | undefined): string | null {
  return header.startsWith('error: ') || header === 'error' ? 'Error' : printedType(header, true, next).type;
}

function syntaxType(header: string): string | null {
  return /^error: (?:Unexpected|Expected|Syntax)/.test(header) ? 'SyntaxError' : null;
}

/** Bun's own crash: its reason names the signal. */
function readPanic(lines: readonly string[]): LastWords | null {
  const from = lines.findLastIndex((line) => PANIC.test(line));
  if (from < 0 || lines[from + 1]?.startsWith('oh no: Bun has crashed.') !== true) return null;
  const reason = (lines[from] ?? '').replace(PANIC, '');
  const signal = Object.entries(SIGNALS).find(([name]) => reason.startsWith(name))?.[1] ?? null;
  const version = lines.findLast((line, at) => at < from && VERSION.test(line));
  return { ...NOTHING, signal, version: VERSION.exec(version ?? '')?.[1] ?? null, from, to: lines.length };
}
