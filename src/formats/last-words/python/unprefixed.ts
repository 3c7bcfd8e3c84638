import { exceptionType, HEADING, isRepeatLine, isSourceLine, tracebackCall } from './traceback-lines.ts';

/** Longer ones are no prefix. */
const MAX_PREFIX = 120;

/**
 * Lines without what a logger or a process manager put before each line of a traceback (`web.1 | `, a time and a level).
 * `prefixed` are the headings of these.
 */
export function unprefixed(lines: readonly string[]): { lines: string[]; prefixed: Set<number> } {
  const plain = lines.slice();
  const prefixed = new Set<number>();
  for (let heading = 0; heading < lines.length; heading++) {
    const line = lines[heading] ?? '';
    const length = line.length - HEADING.length;
    if (
      length <= 0 ||
      length > MAX_PREFIX ||
      !line.endsWith(HEADING) ||
      /^ *[|+] |Group $/.test(line.slice(0, length))
    )
      continue;
    prefixed.add(heading);
    plain[heading] = HEADING;
    if (tracebackCall(lines[heading + 1] ?? '') !== null) continue;
    for (let at = heading + 1; at < lines.length; at++) {
      const rest = (lines[at] ?? '').slice(length);
      const isEnd = exceptionType(rest) !== null;
      if (!isEnd && tracebackCall(rest) === null && !isSourceLine(rest) && !isRepeatLine(rest)) break;
      plain[at] = rest;
      heading = at;
      if (isEnd) break;
    }
  }
  return { lines: plain, prefixed };
}
