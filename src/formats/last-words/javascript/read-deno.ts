import type { LastWords, LastWordsReader, PrintedError } from '../../../model/last-words.ts';
import { printedType } from './printed-type.ts';
import { isCallLine, scriptCall, scriptVoucher, type VouchScripts } from './script-calls.ts';

/** What Deno prints itself: `console.error` has no such heading. */
const HEADING = 'error: ';
const UNCAUGHT = /^error: (?:\(in worker "[^"]{0,200}"\) )?Uncaught (?:\(in promise\) )?/;
const CAUSE = 'Caused by: ';
const OUT_OF_MEMORY = /^# ?Fatal (?:JavaScript|process) out of memory/;
const MAX_LINES = 2_000;
const MAX_CAUSES = 8;
const MAX_MEMBERS = 10;

/** What Deno prints of an uncaught error, of a program that it cannot load, and of V8's exhausted heap. */
export const readDeno: LastWordsReader = (lines, { readSource }) => {
  const vouch = scriptVoucher(readSource);
  const memory = lines.findLastIndex((line) => OUT_OF_MEMORY.test(line));
  if (memory >= 0)
    return { ...NOTHING, form: 'out-of-memory', signal: 'SIGTRAP', from: memory, to: lines.length };
  const from = headingOf(lines, vouch);
  if (from < 0) return null;
  const [own = [], ...others] = blocksOf(lines.slice(from, from + MAX_LINES));
  const { error, end } = errorOf(own, own[0]?.replace(UNCAUGHT, '').replace(HEADING, '') ?? '', vouch);
  const causes = others.slice(0, MAX_CAUSES).map((block) => {
    return errorOf(block, block[0]?.slice(CAUSE.length) ?? '', vouch).error;
  });
  const isUncaught = UNCAUGHT.test(own[0] ?? '');
  const last = others.at(-1);
  const length = [own, ...others].reduce((sum, block) => sum + block.length, 0);
  const unread = last === undefined ? own.length - end : last.length - callsOf(last).end;
  const to = from + length - unread;
  const { calls, refuted, ambiguous = 0, members } = error;
  const hasCalls = calls.length + refuted + ambiguous + members.length > 0;
  return {
    ...NOTHING,
    form: isUncaught ? 'uncaught' : 'error',
    error: isUncaught || hasCalls ? error : { ...error, type: null },
    causes,
    // Without calls, all that follows is the value that was thrown.
    ...{ from, to: hasCalls ? to : lines.length },
    linesAfter: hasCalls ? lines.slice(to).filter((line) => line !== '').length : 0,
  };
};

const NOTHING: LastWords = {
  form: 'error',
  error: { type: null, calls: [], members: [], refuted: 0, cut: 0 },
  causes: [],
  ...{ thread: null, handled: false, pid: null, signal: null, version: null, from: 0, to: 0, linesAfter: 0 },
};

/** The last heading that is not in the message of another: real calls stand between two reports. */
function headingOf(lines: readonly string[], vouch: VouchScripts): number {
  let heading = -1;
  const floor = Math.max(0, lines.length - MAX_LINES);
  for (let at = lines.length - 1; at >= floor; at--) {
    const line = lines[at] ?? '';
    if (line.startsWith(HEADING) && (heading < 0 || UNCAUGHT.test(line))) heading = at;
    else if (heading >= 0) {
      const call = scriptCall(line, 4);
      if (call !== null && vouch([call]).calls.length > 0) break;
    }
  }
  return heading;
}

/** An error and its causes: the line of a cause stands directly below a call. */
function blocksOf(lines: readonly string[]): string[][] {
  const blocks: string[][] = [[]];
  lines.forEach((line, at) => {
    if (line.startsWith(CAUSE) && isCallLine(lines[at - 1] ?? '', 4)) blocks.push([]);
    blocks.at(-1)?.push(line);
  });
  return blocks;
}

/** The calls stand in one piece: what looks like one further up is part of the message. */
function callsOf(block: readonly string[]): { from: number; end: number } {
  const end = block.findLastIndex((line) => isCallLine(line, 4)) + 1;
  let from = end;
  while (from > 0 && isCallLine(block[from - 1] ?? '', 4)) from--;
  return { from, end };
}

function errorOf(
  block: readonly string[],
  header: string,
  vouch: VouchScripts,
): { error: PrintedError; end: number } {
  const { from, end } = callsOf(block);
  const printed = block.slice(from, end).flatMap((line) => scriptCall(line, 4) ?? []);
  const { members, end: memberEnd } = end > 0 ? { members: [], end } : membersOf(block, vouch);
  const calls = vouch(printed);
  const type = vouch.type(printedType(header, true).type);
  return { error: { type, ...calls, members, cut: 0 }, end: memberEnd };
}

/** Members of an AggregateError are four columns further in. */
function membersOf(block: readonly string[], vouch: VouchScripts): { members: PrintedError[]; end: number } {
  const members: PrintedError[] = [];
  let end = 0;
  for (let at = 1; at < block.length && members.length < MAX_MEMBERS; at++) {
    const line = block[at] ?? '';
    const next = block[at + 1] ?? '';
    if (!/^ {4}[A-Za-z_$]/.test(line) || !isCallLine(next, 8)) continue;
    end = at + 1;
    while (isCallLine(block[end] ?? '', 8)) end++;
    const printed = block.slice(at + 1, end).flatMap((call) => scriptCall(call, 8) ?? []);
    const calls = vouch(printed);
    const type = vouch.type(printedType(line.trimStart(), true).type);
    members.push({ type, ...calls, members: [], cut: 0 });
    at = end - 1;
  }
  return { members, end };
}
