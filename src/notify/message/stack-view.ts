import { NO_LINE_WORDS } from '../../explain/no-line-words.ts';
import { grouped, plural } from '../../formats/quantity-words.ts';
import { scriptPlace } from '../../formats/script-place.ts';
import type { Frame, NativePlace } from '../../model/frame.ts';
import { oneLine, oneLineEnd } from './one-line.ts';

/** One line of a stack in a notification. */
export type StackLine =
  | { type: 'frame'; name: string; place: string; repeat: string; note: string; inApp: boolean }
  | { type: 'folded'; text: string };

/** Number of frames shown if none is the app's own. */
const SHOWN_OF_OTHERS = 6;

/**
 * Shows the innermost frame, the app's own frames, and frames with a repeat count. Consecutive frames of dependencies and
 * runtimes become one line.
 * @param limit maximum number of lines
 */
export function stackView(frames: readonly Frame[], limit: number): StackLine[] {
  const own = frames.some(({ inApp }) => inApp);
  const lines: { line: StackLine; frames: number }[] = [];
  for (let at = 0; at < frames.length; ) {
    const isShown = own ? at === 0 : at < SHOWN_OF_OTHERS;
    const end = isShown ? at + 1 : Math.max(at + 1, endOfRun(frames, at));
    const run = frames.slice(at, end);
    const [first] = run;
    if (first !== undefined) {
      lines.push({ line: run.length === 1 ? frameLine(first) : folded(run), frames: run.length });
    }
    at = end;
  }
  if (lines.length <= limit) return lines.map(({ line }) => line);
  const rest = lines.slice(limit - 1).reduce((sum, line) => sum + line.frames, 0);
  const more: StackLine = { type: 'folded', text: `… ${plural(rest, 'more frame')}` };
  return [...lines.slice(0, limit - 1).map(({ line }) => line), more];
}

function endOfRun(frames: readonly Frame[], from: number): number {
  let end = from;
  while (end < frames.length && isFoldable(frames[end])) end++;
  return end;
}

function isFoldable(frame: Frame | undefined): boolean {
  return frame !== undefined && !frame.inApp && frame.repeat === 1;
}

function folded(run: readonly Frame[]): StackLine {
  const owners = [...new Set(run.map(ownerOf))];
  const last = owners.at(-1) ?? '';
  const names = owners.length === 1 ? last : `${owners.slice(0, -1).join(', ')} and ${last}`;
  const of = owners.length > 3 ? `${owners.length} packages` : names;
  return { type: 'folded', text: `… ${plural(run.length, 'frame')} of ${of}` };
}

function ownerOf({ module }: Pick<Frame, 'module'>): string {
  if (module === null) return 'other code';
  return module === 'node' ? 'Node.js' : oneLine(module, 40);
}

function frameLine(frame: Frame): StackLine {
  const { function: name, native, inApp } = frame;
  const anonymous = native === undefined ? '(anonymous)' : '(no name)';
  return {
    type: 'frame',
    name: name === null ? anonymous : oneLine(name, 120),
    place: placeOf(frame),
    repeat: frame.repeat > 1 ? `× ${grouped(frame.repeat)}` : '',
    note: noteOf(frame),
    inApp,
  };
}

function placeOf(frame: Frame): string {
  const { file, native, module } = frame;
  const place = scriptPlace({ ...frame, file: file === null ? null : oneLineEnd(file, 100) });
  if (place !== null) return place;
  if (native !== undefined) return nativePlace(native);
  return module === null ? '' : ownerOf({ module });
}

function nativePlace({ image, offset }: NativePlace): string {
  if (image === null) return '';
  return offset === null ? oneLineEnd(image, 80) : `${oneLineEnd(image, 80)}+${oneLine(offset, 20)}`;
}

function noteOf({ native, trust, noLine }: Frame): string {
  const notes = [
    native?.inlined === true ? 'inlined' : null,
    noLine === undefined ? null : NO_LINE_WORDS[noLine].short,
    trust === 'scan' || trust === 'frame-pointer' ? 'uncertain' : null,
  ];
  return notes.filter((note) => note !== null).join(', ');
}
