import { foldStack } from '../../explain/fold-stack.ts';
import { frameWords } from '../../explain/frame-words.ts';
import { plural } from '../../formats/quantity-words.ts';
import type { Frame } from '../../model/frame.ts';
import { oneLine, oneLineEnd } from './one-line.ts';

/** One line of a stack in a notification. */
export type StackLine =
  | { type: 'frame'; name: string; place: string; repeat: string; note: string; inApp: boolean }
  | { type: 'folded'; text: string };

/**
 * A folded stack.
 * @param limit maximum number of lines
 */
export function stackView(frames: readonly Frame[], limit: number): StackLine[] {
  const parts = foldStack(frames);
  const shown = parts.length <= limit ? parts : parts.slice(0, limit - 1);
  const lines = shown.map(
    (part): StackLine =>
      part.type === 'frame'
        ? frameLine(part.frame)
        : { type: 'folded', text: `… ${oneLine(part.text, 160)}` },
  );
  const [next] = parts.slice(shown.length);
  if (next === undefined) return lines;
  return [...lines, { type: 'folded', text: `… ${plural(frames.length - next.at, 'more frame')}` }];
}

function frameLine(frame: Frame): StackLine {
  const { name, place, origin, times, notes } = frameWords(frame);
  const where = oneLineEnd(place, 120);
  return {
    type: 'frame',
    name: oneLine(name, 120),
    place: origin.length === 0 ? where : `${where} [${oneLine(origin.join(', '), 80)}]`,
    repeat: times,
    note: notes.join(', '),
    inApp: frame.inApp,
  };
}
