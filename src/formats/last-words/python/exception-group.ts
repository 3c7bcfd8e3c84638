import type { PrintedError } from '../../../model/last-words.ts';
import type { PythonSources } from './python-sources.ts';
import { readBlock, type TracebackBlock } from './traceback-block.ts';
import { lastChain } from './traceback-chain.ts';
import { exceptionType, HEADING } from './traceback-lines.ts';

/** Python's own limits are 10 and 15. */
const MAX_DEPTH = 10;
const MAX_MEMBERS = 64;
/** Blocks in one text that are compared with their sources. */
const MAX_BLOCKS = 64;

export function isGroupHeading(line: string): boolean {
  return line === `  + Exception Group ${HEADING}`;
}

/** The line after a group: all of its lines start with spaces and a bar or a plus sign. */
export function groupEnd(lines: readonly string[], heading: number): number {
  let at = heading;
  while (/^ {2,24}[|+]/.test(lines[at] ?? '')) at++;
  return at;
}

/** Reads a group and the exceptions in it; each level is two columns deeper. */
export function readGroup(
  lines: readonly string[],
  heading: number,
  end: number,
  sources: PythonSources,
): TracebackBlock | null {
  const [block] = readLevel(lines.slice(heading, end), 2, sources) ?? [];
  return block === undefined ? null : { ...block, heading, end };
}

type Level = [block: TracebackBlock, causes: TracebackBlock[]];

function readLevel(lines: readonly string[], column: number, sources: PythonSources): Level | null {
  if (column > 2 * MAX_DEPTH) return null;
  const own: string[] = [];
  const members: PrintedError[] = [];
  let from = -1;
  // A group at the end closes its own level only.
  for (let at = 0; at <= lines.length; at++) {
    const line = lines[at] ?? '';
    const starts = line.startsWith('+-+-', column);
    if (at === lines.length || starts || (from >= 0 && line.startsWith('+---', column + 2))) {
      if (from >= 0 && members.length < MAX_MEMBERS) {
        members.push(...readMember(lines.slice(from, at), column + 2, sources));
      }
      from = /^ *\+-?\+?-+ \d/.test(line) ? at + 1 : -1;
    } else if (from < 0) own.push(line.slice(column + 2));
  }
  const level = readOwn(own, sources);
  if (level === null) return null;
  const [block, causes] = level;
  return [{ ...block, error: { ...block.error, members } }, causes];
}

function readMember(lines: readonly string[], column: number, sources: PythonSources): PrintedError[] {
  const [block, causes] = readLevel(lines, column, sources) ?? [];
  return block === undefined ? [] : [block.error, ...(causes ?? []).map(({ error }) => error)];
}

function readOwn(lines: readonly string[], sources: PythonSources): Level | null {
  const chain = lastChain(lines, blocksIn(lines, sources));
  if (chain !== null) return [chain.block, chain.causes];
  // An exception that was never raised has no traceback.
  const type = exceptionType(lines[0] ?? '');
  const error = { type, calls: [], members: [], refuted: 0, cut: 0 };
  return type === null ? null : [{ heading: 0, end: 1, error, trust: 'unplaced' }, []];
}

function blocksIn(lines: readonly string[], sources: PythonSources): TracebackBlock[] {
  return lines
    .flatMap((line, index) => (line.endsWith(HEADING) ? [index] : []))
    .slice(-MAX_BLOCKS)
    .flatMap((heading) => readBlock(lines, heading, sources) ?? []);
}
