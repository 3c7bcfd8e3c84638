import { grouped } from '../formats/quantity-words.ts';
import { scriptPlace } from '../formats/script-place.ts';
import type { Frame, FrameTrust, NoLineReason } from '../model/frame.ts';

/** Names in it are unescaped. */
export type FrameWords = {
  readonly name: string;
  /** Source and line, else image and offset, as symbolizers expect them. */
  readonly place: string;
  /** Package, library and image that the place does not show. */
  readonly origin: readonly string[];
  /** `× 5`; '' for a frame that is not repeated. */
  readonly times: string;
  /** Why the frame is less certain than others, or has no line; `frameLegend` explains them. */
  readonly notes: readonly string[];
};

export function frameWords(frame: Frame): FrameWords {
  const { function: name, native, repeat } = frame;
  const place = placeWords(frame);
  return {
    name: name ?? namelessWords(frame),
    place,
    origin: originOf(frame, place),
    times: repeat > 1 ? `× ${grouped(repeat)}` : '',
    notes: [
      ...(native?.inlined === true ? ['inlined'] : []),
      ...explanationsOf(frame).map(({ short }) => short),
    ],
  };
}

function namelessWords(frame: Frame): string {
  const { file, native } = frame;
  if (native !== undefined) return '(no name)';
  // A panic has a place alone, as precise as V8's.
  if (isRust(file)) return '(unknown function)';
  return isPlaceOnly(frame) || /\.(?:p[lm]|psgi|t)$/.test(file ?? '') ? '(no function)' : '(anonymous)';
}

function isRust(file: string | null): boolean {
  return file?.endsWith('.rs') === true;
}

/** Runtimes print some errors with a place alone. V8 also has columns. */
function isPlaceOnly({ trust, column, native }: Frame): boolean {
  return native === undefined && column === null && (trust === 'vouched-text' || trust === 'printed');
}

/** Explains the notes of frames, each once. */
export function frameLegend(frames: readonly Frame[]): Explanation[] {
  return [...new Set(frames.flatMap(explanationsOf))];
}

/** A stack as plain text to copy into an issue, innermost first, one frame a line. */
export function rawStack(heading: string, frames: readonly Frame[]): string {
  return [heading, ...frames.map(rawFrame)].join('\n');
}

function rawFrame(frame: Frame): string {
  const { name, place, times, notes } = frameWords(frame);
  const build = frame.native?.buildId == null ? '' : `build ${frame.native.buildId}`;
  const marks = notes.length === 0 ? '' : `[${notes.join(', ')}]`;
  return [`    at ${name} (${place})`, times, build, marks].filter((part) => part !== '').join('  ');
}

function placeWords(frame: Frame): string {
  const { native } = frame;
  const place = scriptPlace(frame);
  if (place !== null) return place;
  if (native === undefined) return '(unknown location)';
  if (native.image === null) return '(code generated at run time)';
  return native.offset === null ? native.image : `${native.image}+${native.offset}`;
}

function originOf({ module, file, native }: Frame, place: string): string[] {
  const image = native?.image ?? null;
  const imageName = image === null || file === null ? null : image.slice(image.lastIndexOf('/') + 1);
  const isShown = module === null || module === 'node' || module === 'unknown' || module === imageName;
  const owner = isShown || place.includes(module) || image?.includes(module) === true ? null : module;
  return [owner, imageName].filter((part) => part !== null);
}

type Explanation = { readonly short: string; readonly long: string };

function explanationsOf({ trust, noLine, column, file }: Frame): Explanation[] {
  // Text is the exception for V8, whose positions have columns, and the rule for other runtimes.
  const isUsual = trust === 'vouched-text' && (column === null || isRust(file));
  const words = noLine === undefined ? (isUsual ? undefined : WEAK[trust]) : NO_LINE[noLine];
  return words === undefined ? [] : [words];
}

const NO_LINE: Readonly<Record<NoLineReason, Explanation>> = {
  transpiled: {
    short: 'not mapped',
    long: 'No line: a loader transpiled the file in memory, without a source map.',
  },
  'other-source': {
    short: 'source differs',
    long: 'No line: the source on disk does not match the source map.',
  },
  changed: { short: 'file changed', long: 'No line: the file changed after the worker started.' },
};

/** The note of a frame from the formatted text of a stack. */
export const FROM_TEXT = 'from text';

const WEAK: Readonly<Partial<Record<FrameTrust, Explanation>>> = {
  'vouched-text': {
    short: FROM_TEXT,
    long: 'Read from formatted stack text; every name in it was found in the source or in the executable.',
  },
  'throw-site': {
    short: 'throw site',
    long: 'The place of the throw; the calls that led to it are unknown.',
  },
  'v8-heap': {
    short: 'function start',
    long: 'The line is where the function begins, not the call in it.',
  },
  'frame-pointer': {
    short: 'frame pointer',
    long: 'Found through saved frame pointers; calls in between may be missing.',
  },
  scan: {
    short: 'may be stale',
    long: 'A value on the stack that looks like a return address; it may be left over from an earlier call.',
  },
  printed: {
    short: 'as printed',
    long: 'Read from what the runtime printed; there was nothing to compare it with, so it has no line.',
  },
  'sender-text': {
    short: 'not verified',
    long: 'Read from stack text that the sender printed.',
  },
};
