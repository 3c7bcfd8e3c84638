import type { VouchedCall, Vouchers } from '../../../model/last-words.ts';
import { parseThrowSite, type ThrowSite } from '../../crash-output/throw-site.ts';
import { verifiedThrowSite } from '../../script-frames/verify-frames.ts';
import { scriptPath } from '../../script-name.ts';

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
    if (!isUnderline(lines[at] ?? '')) continue;
    tries++;
    const site = parseThrowSite(`${lines.slice(at - 2, at + 1).join('\n')}\n`);
    if (site === null) continue;
    // Above a value that is no error there is no empty line.
    const excerpt = { from: at - 2, to: lines[at + 1] === '' ? at + 2 : at + 1 };
    if (site.file.startsWith('node:')) return { ...excerpt, place: null, nodeFile: site.file };
    const frame = verifiedThrowSite(whole(site, readSource), readSource);
    if (frame === null) continue;
    const { file, line, column } = frame;
    const place = { function: null, file, line, column, vouched: true, shown: true } as const;
    return { ...excerpt, place, nodeFile: null };
  }
  return null;
}

/** Node ends it after 1,020 columns, so that the caret is missing in a bundle. */
function isUnderline(line: string): boolean {
  return /^[ \t]*\^+$/.test(line) || (line.length >= 1_020 && line.trim() === '');
}

/** A line that long was cut: only its start is whole. */
const MAX_LINE = 1_900;
const START = 1_300;

/** The line of the source, if what is left of it stands there: a bundle has all of its code in one. */
function whole(site: ThrowSite, readSource: Vouchers['readSource']): ThrowSite {
  const path = site.sourceLine.length < MAX_LINE ? null : scriptPath(site.file);
  const line = path === null ? undefined : readSource(path)?.split('\n', site.line)[site.line - 1];
  const isSame = line?.startsWith(site.sourceLine.slice(0, START)) === true;
  return isSame ? { ...site, sourceLine: line ?? '' } : site;
}
