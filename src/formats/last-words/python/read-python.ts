import type { LastWords, LastWordsReader } from '../../../model/last-words.ts';
import { groupEnd, isGroupHeading, readGroup } from './exception-group.ts';
import { readFatalError } from './fatal-error.ts';
import { tracebackInJson } from './json-line.ts';
import { PythonSources } from './python-sources.ts';
import { readSyntaxError } from './syntax-error.ts';
import { readBlock, type TracebackBlock } from './traceback-block.ts';
import { lastChain, type TracebackChain } from './traceback-chain.ts';
import { HEADING, heraldOf, isLogLine, tracebackCall } from './traceback-lines.ts';
import { unprefixed } from './unprefixed.ts';

/** Tracebacks that are compared with their sources. */
const MAX_BLOCKS = 64;
/** Lines of a message; what follows is counted as other output. */
const MAX_MESSAGE = 50;
/** Lines above the first heading in which calls show that the text was cut. */
const MAX_CUT = 4;

/** Python's traceback of an uncaught exception, or what its faulthandler printed. */
export const readPython: LastWordsReader = (printed, vouchers) => {
  const sources = new PythonSources(vouchers.readSource);
  const { lines, prefixed } = unprefixed(printed);
  const blocks = blocksIn(lines, sources);
  const fatal = readFatalError(lines, sources);
  const chain = lastChain(lines, blocks);
  const words = chain === null ? readSyntaxError(lines, sources) : wordsOf(lines, chain, prefixed);
  const latest = fatal !== null && fatal.from > (words?.from ?? -1) ? fatal : words;
  return readJson(printed, latest?.to ?? 0, sources) ?? latest;
};

/** What a logger printed as JSON: never more than printed. */
function readJson(lines: readonly string[], from: number, sources: PythonSources): LastWords | null {
  const found = tracebackInJson(lines);
  if (found === null || found.at < from) return null;
  const chain = lastChain(found.lines, blocksIn(found.lines, sources));
  if (chain === null) return null;
  const words = wordsOf(found.lines, chain, new Set());
  const linesAfter = lines.length - found.at - 1;
  return { ...words, handled: true, from: found.at, to: found.at + 1, linesAfter };
}

function blocksIn(lines: readonly string[], sources: PythonSources): TracebackBlock[] {
  const headings: { at: number; end: number }[] = [];
  if (lines.slice(0, MAX_CUT).some(isCall)) headings.push({ at: -1, end: 0 });
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (!line.endsWith(HEADING)) continue;
    if (isGroupHeading(line)) {
      const end = groupEnd(lines, at);
      headings.push({ at, end });
      at = end - 1;
    } else headings.push({ at, end: 0 });
  }
  return headings.slice(-MAX_BLOCKS).flatMap(({ at, end }) => {
    const block = end > 0 ? readGroup(lines, at, end, sources) : readBlock(lines, at, sources);
    return block ?? [];
  });
}

/** The place of a syntax error has no function, and needs no heading. */
function isCall(line: string): boolean {
  return (tracebackCall(line)?.function ?? null) !== null;
}

function wordsOf(lines: readonly string[], chain: TracebackChain, prefixed: ReadonlySet<number>): LastWords {
  const { block, causes, top, herald } = chain;
  const to = messageEnd(lines, block.end);
  const isGunicorn = isWorkerBoot(lines, to);
  return {
    form: isGunicorn ? 'worker-boot' : formOf(block.error.type),
    error: block.error,
    causes: causes.map(({ error }) => error),
    thread: herald === 'thread' ? 'other' : null,
    handled: !isGunicorn && (herald !== null || prefixed.has(block.heading)),
    ...{ pid: null, signal: null, version: null, from: Math.max(0, top), to },
    linesAfter: isGunicorn ? 0 : othersAfter(lines, to),
  };
}

/** Exceptions that ask for an exit end no process by accident. */
function formOf(type: string | null): string {
  if (type === 'KeyboardInterrupt') return 'interrupt';
  return type === 'SystemExit' ? 'exit' : 'traceback';
}

/** A message ends where a line of a log or of another report starts. */
function messageEnd(lines: readonly string[], from: number): number {
  let at = from;
  while (at < lines.length && at < from + MAX_MESSAGE) {
    const line = lines[at] ?? '';
    if (isLogLine(line) || heraldOf(line) !== null) break;
    at++;
  }
  return at;
}

/** Lines after the message, without what the interpreter prints while it ends. */
function othersAfter(lines: readonly string[], from: number): number {
  let count = 0;
  for (let at = from; at < lines.length; at++) {
    const herald = heraldOf(lines[at] ?? '');
    if (herald === 'thread' || herald === 'ignored') at = messageEnd(lines, at + 1) - 1;
    else count++;
  }
  return count;
}

/** `[2026-11-28 19:41:21 +0000] [26104] [INFO] Reason: Worker failed to boot.`: gunicorn's last line, exit 3 */
function isWorkerBoot(lines: readonly string[], from: number): boolean {
  const rest = lines.slice(from);
  return (
    rest.length <= MAX_MESSAGE &&
    /\] Reason: Worker failed to boot\.$/.test(rest.at(-1) ?? '') &&
    rest.every((line) => /^\[[^\]]{10,40}\] \[\d{1,10}\] \[[A-Z]{1,10}\] /.test(line))
  );
}
