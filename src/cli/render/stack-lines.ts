import { foldStack, type StackPart } from '../../explain/fold-stack.ts';
import { frameWords } from '../../explain/frame-words.ts';
import type { StackSection } from '../../explain/stack-sections.ts';
import type { Frame } from '../../model/frame.ts';
import type { Colors } from './colors.ts';
import { breakName } from './layout.ts';
import { line } from './safe-text.ts';

export type StackOptions = {
  /** Do not fold. */
  all: boolean;
  colors: Colors;
  columns: number;
  indent: string;
};

/** One line per frame, innermost first. `>` marks the app's own frames; others are folded. */
export function stackLines(frames: readonly Frame[], options: StackOptions): string[] {
  if (frames.length === 0) return [`${options.indent}    No call stack.`];
  const { colors, columns, indent } = options;
  const shown = shownFrames(frames, options);
  const longest = Math.max(0, ...shown.map((frame) => [...line(frameWords(frame).name)].length));
  const width = Math.min(columns < 100 ? 30 : 48, longest);
  return partsOf(frames, options).flatMap((part) =>
    part.type === 'run'
      ? [colors.dim(`${indent}    … ${line(part.text)}`)]
      : frameLines(part.frame, width, options),
  );
}

/** Stacks under their headings, members indented. */
export function sectionLines(sections: readonly StackSection[], options: StackOptions): string[] {
  const { indent, colors } = options;
  return sections.flatMap(({ heading, frames, nested }) => [
    '',
    colors.bold(`${indent}${line(heading)}`),
    ...stackLines(frames, options),
    ...sectionLines(nested, { ...options, indent: `${indent}  ` }),
  ]);
}

/** The frames that are not folded. */
export function shownFrames(frames: readonly Frame[], options: Pick<StackOptions, 'all'>): Frame[] {
  return partsOf(frames, options).flatMap((part) => (part.type === 'run' ? [] : [part.frame]));
}

function partsOf(frames: readonly Frame[], { all }: Pick<StackOptions, 'all'>): StackPart[] {
  return all ? frames.map((frame, at) => ({ type: 'frame', at, frame })) : foldStack(frames);
}

function frameLines(frame: Frame, width: number, { colors, columns, indent }: StackOptions): string[] {
  const words = frameWords(frame);
  const name = line(words.name);
  const start = `${indent}${frame.inApp ? '  > ' : '    '}`;
  const end = [
    line(words.place) + buildText(frame),
    ...(words.origin.length === 0 ? [] : [`[${line(words.origin.join(', '))}]`]),
    ...(words.times === '' ? [] : [words.times]),
    ...words.notes.map((note) => `(${note})`),
  ].join('  ');
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

/** A frame without a name needs the build ID to find one. */
function buildText({ function: name, file, native }: Frame): string {
  if (name !== null || file !== null || native?.offset == null || native.buildId === null) return '';
  return ` (build ${line(native.buildId.slice(0, 8))})`;
}
