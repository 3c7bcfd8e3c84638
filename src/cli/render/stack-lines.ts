import type { Frame } from '../../model/frame.ts';
import type { Colours } from './colours.ts';
import { count } from './layout.ts';
import { line } from './safe-text.ts';

export type StackOptions = { all: boolean; colours: Colours; columns: number; indent: string };

const NAME_WIDTH = 30;

/**
 * One line a frame, innermost first. `>` marks the app's own frames; runs of the runtime's own are folded to one line
 * unless there is nothing else to see.
 */
export function stackLines(frames: readonly Frame[], options: StackOptions): string[] {
  const foldable = !options.all && frames.some(({ module }) => module !== 'node');
  const longest = Math.max(0, ...frames.map((frame) => [...nameOf(frame)].length));
  const width = Math.min(NAME_WIDTH, longest);
  const lines: string[] = [];
  for (let index = 0; index < frames.length; index++) {
    const frame = frames[index] as Frame;
    const run = foldable ? internalRun(frames, index) : 0;
    if (run > 1) {
      lines.push(options.colours.dim(`${options.indent}    … ${count(run, 'frame')} of Node.js itself`));
      index += run - 1;
    } else {
      lines.push(...frameLines(frame, width, options));
    }
  }
  return lines;
}

function frameLines(frame: Frame, width: number, { colours, columns, indent }: StackOptions): string[] {
  const name = nameOf(frame);
  const start = `${indent}${frame.inApp ? '  > ' : '    '}`;
  const end = `${placeOf(frame)}${notesOf(frame)}`;
  const paint = frame.inApp ? colours.bold : colours.dim;
  const whole = `${start}${name.padEnd(width)}  ${end}`;
  if ([...whole].length <= columns) return [paint(whole)];
  return [paint(start + name), paint(`${indent}        ${end}`)];
}

function nameOf(frame: Frame): string {
  return frame.function === null ? '(anonymous)' : line(frame.function);
}

function placeOf({ file, line: lineNumber, column }: Frame): string {
  const parts = [file === null ? '(unknown place)' : line(file), lineNumber, column];
  return parts.filter((part) => part !== null).join(':');
}

function notesOf({ module, repeat, trust, file }: Frame): string {
  const known = module === null || module === 'node' || (file?.includes(module) ?? false);
  return [
    known ? '' : `  [${line(module)}]`,
    repeat > 1 ? `  × ${repeat}` : '',
    trust === 'throw-site' ? '  (where it was thrown)' : '',
    trust === 'vouched-text' ? '  (from text)' : '',
  ].join('');
}

/** How many frames of the runtime follow each other from here. */
function internalRun(frames: readonly Frame[], from: number): number {
  let end = from;
  while (frames[end]?.module === 'node' && frames[end]?.repeat === 1) end++;
  return end - from;
}
