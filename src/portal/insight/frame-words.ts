import { NO_LINE_WORDS } from '../../explain/no-line-words.ts';
import { grouped } from '../../formats/quantity-words.ts';
import { scriptPlace } from '../../formats/script-place.ts';
import type { Frame, FrameTrust } from '../../model/frame.ts';

export function functionName({ function: name, native }: Frame): string {
  return name ?? (native === undefined ? '(anonymous)' : '(no name)');
}

/** Source and line, else how far into which image, as tools for symbols want it. */
export function framePlace(frame: Frame): string {
  const { native } = frame;
  const place = scriptPlace(frame);
  if (place !== null) return place;
  if (native === undefined) return '(unknown place)';
  if (native.image === null) return '(code made at run time)';
  return native.offset === null ? native.image : `${native.image}+${native.offset}`;
}

/**
 * Why a frame is to be believed less than others, or has no line, in a word and in a sentence; null for those that are
 * certain.
 */
export function trustWords({ trust, noLine }: Pick<Frame, 'trust' | 'noLine'>): Words | null {
  return noLine === undefined ? (WEAK[trust] ?? null) : NO_LINE_WORDS[noLine];
}

/** A stack as plain text, innermost first, one frame a line: what people copy into an issue. */
export function rawStack(heading: string, frames: readonly Frame[]): string {
  return [heading, ...frames.map(rawFrame)].join('\n');
}

function rawFrame(frame: Frame): string {
  const times = frame.repeat > 1 ? `  × ${grouped(frame.repeat)}` : '';
  const build = frame.native?.buildId == null ? '' : `  build ${frame.native.buildId}`;
  const certainty = trustWords(frame);
  return `    at ${functionName(frame)} (${framePlace(frame)})${times}${build}${certainty === null ? '' : `  [${certainty.short}]`}`;
}

type Words = { short: string; long: string };

const WEAK: Readonly<Partial<Record<FrameTrust, Words>>> = {
  'vouched-text': {
    short: 'from text',
    long: 'Read from stack text that was formatted already; every name in it was found again in the source.',
  },
  'throw-site': {
    short: 'where it was thrown',
    long: 'The place of the throw; the calls that led there are not known.',
  },
  'v8-heap': { short: 'begins here', long: 'The line is where the function begins, not the call in it.' },
  'frame-pointer': {
    short: 'frame pointer',
    long: 'Found by saved frame pointers: calls in between may be missing.',
  },
  scan: {
    short: 'may be left over',
    long: 'A word on the stack that looks like a call; it may be left over from an earlier one.',
  },
  'sender-text': {
    short: 'as sent',
    long: 'Read from stack text that the sender printed: nothing vouches for it.',
  },
};
