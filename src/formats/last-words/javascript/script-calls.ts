import type { PrintedCall, Vouchers } from '../../../model/last-words.ts';
import type { RawFrame } from '../../../model/probe-record.ts';
import { LINE_PARSERS } from '../../printed-stack/line-parsers.ts';
import { isWordOf, type SourceCache, verifiedFrames } from '../../script-frames/verify-frames.ts';
import type { Believed } from '../source-voucher.ts';

/** `    at f (/srv/shop/cart.js:1:2)`, indented by so many spaces. */
export function scriptCall(line: string, indent: number): PrintedCall | null {
  const text = line.slice(indent);
  if (!text.startsWith('at ') || /[^ ]/.test(line.slice(0, indent))) return null;
  const aggregate = AGGREGATE.exec(text)?.[1];
  if (aggregate !== undefined) return { function: aggregate, file: null, line: null, column: null };
  const call = LINE_PARSERS.nodejs(` ${text}`, '');
  if (call === null) return null;
  const file = call.file === '<anonymous>' ? null : call.file;
  return { ...call, file, function: nameOf(call.function) };
}

/** `at async Promise.all (index 0)` */
const AGGREGATE = /^at (async Promise\.(?:all|allSettled|any)) \(index \d{1,9}\)/;

/** V8 has no name for it: `Object.<anonymous>`; `[as total]` is where it was called as. */
function nameOf(printed: string | null): string | null {
  const name = printed?.replace(/ \[as [^\]]*\]$/, '').replace(/^async /, '') ?? null;
  return name === null || name === '<anonymous>' || name.endsWith('.<anonymous>') ? null : name;
}

/** Leaves only calls that their sources vouch for: a message can hold lines that look like calls, above the real ones. */
export type VouchScripts = {
  (printed: readonly PrintedCall[]): Believed;
  /** The type, if it is one for sure: of an error without a name, the message begins where its type would be. */
  type: (printed: string | null) => string | null;
};

/** Reads each source once. */
export function scriptVoucher(readSource: Vouchers['readSource']): VouchScripts {
  const sources: SourceCache = new Map();
  const isType = (name: string) =>
    ENDING.test(name) || name.split('.').every((part) => isWordOf(sources, part));
  const calls = (printed: readonly PrintedCall[]) => {
    const frames = printed.map((call): RawFrame => ({ ...call, async: false }));
    const { frames: verified, dropped, refuted } = verifiedFrames(frames, readSource, sources);
    return {
      calls: verified.map(({ function: name, file, line, column }) => {
        return { function: name, file, line, column, vouched: true as const };
      }),
      ...{ refuted, ambiguous: dropped - refuted },
    };
  };
  return Object.assign(calls, {
    type: (printed: string | null) => (printed !== null && isType(printed) ? printed : null),
  });
}

const ENDING = /(?:Error|Exception|^UnhandledPromiseRejection)$/;

/** Code that is neither the runtime's nor a package's. */
export function isOwn({ file }: PrintedCall): boolean {
  return file !== null && !file.startsWith('node:') && !file.includes('/node_modules/');
}

/** Like `scriptCall`, but only asks whether it is one. */
export function isCallLine(line: string, indent: number): boolean {
  return line.startsWith('at ', indent) && scriptCall(line, indent) !== null;
}
