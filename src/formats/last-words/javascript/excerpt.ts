import type { VouchedCall, Vouchers } from '../../../model/last-words.ts';
import { parseThrowSite } from '../../crash-output/throw-site.ts';
import { verifiedThrowSite } from '../../script-frames/verify-frames.ts';

/** The place of a throw, with its source line and a caret, that Node prints above an error. */
export type Excerpt = {
  /** First line of it. */
  from: number;
  /** The line after it: the error's own. */
  to: number;
  /** null in Node's own code. */
  place: VouchedCall | null;
  /** Name of the module of Node in which it was thrown. */
  nodeFile: string | null;
};

/** A message can have so many lines. */
const MAX_LINES = 400;
/** Excerpts that are compared with their source. */
const MAX_TRIES = 8;

/** The nearest excerpt above a line that its source vouches for. @param floor the first line that is looked at */
export function excerptAbove(
  lines: readonly string[],
  end: number,
  floor: number,
  readSource: Vouchers['readSource'],
): Excerpt | null {
  let tries = 0;
  for (let at = end - 1; at >= Math.max(floor + 2, end - MAX_LINES) && tries < MAX_TRIES; at--) {
    if (!/^[ \t]*\^+$/.test(lines[at] ?? '')) continue;
    tries++;
    const site = parseThrowSite(`${lines.slice(at - 2, at + 1).join('\n')}\n`);
    if (site === null) continue;
    // Above a value that is no error there is no empty line.
    const excerpt = { from: at - 2, to: lines[at + 1] === '' ? at + 2 : at + 1 };
    if (site.file.startsWith('node:')) return { ...excerpt, place: null, nodeFile: site.file };
    const frame = verifiedThrowSite(site, readSource);
    if (frame === null) continue;
    const { file, line, column } = frame;
    const place = { function: null, file, line, column, vouched: true, shown: true } as const;
    return { ...excerpt, place, nodeFile: null };
  }
  return null;
}
