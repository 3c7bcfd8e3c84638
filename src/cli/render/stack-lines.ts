import { foldRuntime, type StackPart } from '../../explain/fold-runtime.ts';
import { NO_LINE_WORDS } from '../../explain/no-line-words.ts';
import type { Frame } from '../../model/frame.ts';
import type { Colors } from './colors.ts';
import { breakName } from './layout.ts';
import { nativeOriginText, nativePlaceText, placeInFile, trustNote } from './native-lines.ts';
import { line } from './safe-text.ts';

export type FoldOptions = {
  all: boolean;
  /** Show the innermost frame even if it is not the app's: the fault is there. */
  keepFirst: boolean;
};

export type StackOptions = FoldOptions & {
  colors: Colors;
  columns: number;
  indent: string;
};

/**
 * One line per frame, innermost first. `>` marks the app's own frames; runs of runtime frames are folded to one line
 * unless there are no others.
 */
export function stackLines(frames: readonly Frame[], options: StackOptions): string[] {
  const { colors, columns, indent } = options;
  const shown = shownFrames(frames, options);
  const longest = Math.max(0, ...shown.map((frame) => [...nameOf(frame)].length));
  const width = Math.min(columns < 100 ? 30 : 48, longest);
  return partsOf(frames, options).flatMap((part) =>
    part.folded ? [colors.dim(`${indent}    ${line(part.text)}`)] : frameLines(part.frame, width, options),
  );
}

/** The frames that are not folded. */
export function shownFrames(frames: readonly Frame[], options: FoldOptions): Frame[] {
  return partsOf(frames, options).flatMap((part) => (part.folded ? [] : [part.frame]));
}

function partsOf(frames: readonly Frame[], options: FoldOptions): StackPart[] {
  return options.all ? frames.map((frame) => ({ folded: false, frame })) : foldRuntime(frames, options);
}

function frameLines(frame: Frame, width: number, { colors, columns, indent }: StackOptions): string[] {
  const name = nameOf(frame);
  const start = `${indent}${frame.inApp ? '  > ' : '    '}`;
  const end = `${placeOf(frame)}${notesOf(frame)}`;
  const paint = frame.inApp ? colors.bold : colors.dim;
  const whole = `${start}${name.padEnd(width)}  ${end}`;
  if ([...whole].length <= columns) return [paint(whole)];
  const [first = '', ...rest] = breakName(name, columns - start.length - 2);
  return [
    paint(start + first),
    ...rest.map((part) => paint(`${indent}      ${part}`)),
    paint(`${indent}        ${end}`),
  ];
}

function nameOf(frame: Frame): string {
  if (frame.function !== null) return line(frame.function);
  return frame.native === undefined ? '(anonymous)' : '(no name)';
}

function placeOf(frame: Frame): string {
  return frame.native === undefined ? placeInFile(frame) : nativePlaceText(frame, frame.native);
}

function notesOf(frame: Frame): string {
  const { repeat, trust, native, noLine } = frame;
  return [
    native === undefined ? moduleText(frame) : nativeOriginText(frame, native),
    repeat > 1 ? `  × ${repeat}` : '',
    native?.inlined === true ? '  (inlined)' : '',
    noLine === undefined ? '' : `  (${NO_LINE_WORDS[noLine].short})`,
    trustNote(trust),
  ].join('');
}

function moduleText({ module, file }: Frame): string {
  const known = module === null || module === 'node' || (file?.includes(module) ?? false);
  return known ? '' : `  [${line(module)}]`;
}
