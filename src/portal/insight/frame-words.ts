import { grouped } from '../../formats/quantity-words.ts';
import type { Frame, FrameTrust } from '../../model/frame.ts';

export function functionName({ function: name, native }: Frame): string {
  return name ?? (native === undefined ? '(anonymous)' : '(no name)');
}

/** Source and line, else how far into which image, as tools for symbols want it. */
export function framePlace({ file, line, column, native }: Frame): string {
  if (file !== null) return [file, line, column].filter((part) => part !== null).join(':');
  if (native === undefined) return '(unknown place)';
  if (native.image === null) return '(code made at run time)';
  return native.offset === null ? native.image : `${native.image}+${native.offset}`;
}

/** Why a frame is to be believed less than others, in a word and in a sentence; null for those that are certain. */
export function trustWords(trust: FrameTrust): { short: string; long: string } | null {
  return WEAK[trust] ?? null;
}

/** A stack as plain text, innermost first, one frame a line: what people copy into an issue. */
export function rawStack(heading: string, frames: readonly Frame[]): string {
  return [heading, ...frames.map(rawFrame)].join('\n');
}

function rawFrame(frame: Frame): string {
  const times = frame.repeat > 1 ? `  × ${grouped(frame.repeat)}` : '';
  const build = frame.native?.buildId == null ? '' : `  build ${frame.native.buildId}`;
  const certainty = trustWords(frame.trust);
  return `    at ${functionName(frame)} (${framePlace(frame)})${times}${build}${certainty === null ? '' : `  [${certainty.short}]`}`;
}

const WEAK: Readonly<Partial<Record<FrameTrust, { short: string; long: string }>>> = {
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
