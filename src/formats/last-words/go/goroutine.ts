import type { PrintedCall } from '../../../model/last-words.ts';
import { LINE_PARSERS } from '../../printed-stack/line-parsers.ts';

/** What Go printed of one goroutine. */
export type Goroutine = {
  number: number;
  /** `running`, `chan receive, 5 minutes`, `running, locked to thread`. */
  state: string;
  calls: PrintedCall[];
  /** Calls that Go left out, or beyond the limit. */
  cut: number;
  /** Line of its heading, and the line after its last. */
  from: number;
  to: number;
};

const MAX_CALLS = 2_000;
/** `goroutine 7 [running]:`; before the state: `gp=0xc000002380 m=0 mp=0x5a1f20` (Go 1.23, `GOTRACEBACK=crash`). */
const HEADING =
  /^goroutine (\d{1,19})(?: gp=0x[0-9a-f]{1,16})?(?: m=(?:\d{1,9}|nil))?(?: mp=0x[0-9a-f]{1,16})? \[([^\]]{1,200})\]:$/;

/** All goroutines in the lines, each below an empty line, as Go prints them when it ends a process. */
export function goroutinesIn(lines: readonly string[]): Goroutine[] {
  const found: Goroutine[] = [];
  for (let at = 1; at < lines.length; at++) {
    if (lines[at - 1] !== '' || lines[at]?.startsWith('goroutine ') !== true) continue;
    const goroutine = goroutineAt(lines, at);
    if (goroutine === null) continue;
    found.push(goroutine);
    at = goroutine.to - 1;
  }
  return found;
}

function goroutineAt(lines: readonly string[], from: number): Goroutine | null {
  const [, number, state] = HEADING.exec(lines[from] ?? '') ?? [];
  if (state === undefined) return null;
  const calls: PrintedCall[] = [];
  let cut = 0;
  let to = from + 1;
  for (; to < lines.length; to++) {
    const line = lines[to] ?? '';
    const elided = ELIDED.exec(line);
    if (elided !== null) {
      cut += Number(elided[1] ?? 1);
      continue;
    }
    if (line === ON_OTHER_THREAD) continue;
    const call = LINE_PARSERS.go(line, lines[to + 1] ?? '');
    if (call === null) break;
    to++;
    // Where it was started, which is no call of this stack.
    if (line.startsWith('created by ')) continue;
    if (calls.length < MAX_CALLS) calls.push(call);
    else cut++;
  }
  return { number: Number(number), state, calls, cut, from, to };
}

const ELIDED = /^\.\.\.(?:(\d{1,9})|additional) frames elided\.\.\.$/;
export const ON_OTHER_THREAD = '\tgoroutine running on other thread; stack unavailable';
