import type { Frame } from '../../model/frame.ts';

/** A stretch of a stack: a frame to show, or a run of frames that one line stands for. `at` is the first one's index. */
export type StackPart =
  | { type: 'frame'; at: number; frame: Frame }
  | { type: 'run'; at: number; frames: Frame[]; owners: string[] };

/**
 * Folds runs of frames that are not the app's. What is a finding stays: the innermost frame, frames with a count, and
 * a single frame, for which a line of its own is no longer than a line about it. A stack without a frame of the app's
 * is shown whole.
 */
export function foldStack(frames: readonly Frame[]): StackPart[] {
  const isFoldable = (frame: Frame, at: number) => at > 0 && !frame.inApp && frame.repeat === 1;
  if (!frames.some(({ inApp }) => inApp)) return frames.map((frame, at) => ({ type: 'frame', at, frame }));
  const parts: StackPart[] = [];
  for (let at = 0; at < frames.length; ) {
    let end = at;
    while (end < frames.length && isFoldable(frames[end] as Frame, end)) end++;
    const run = frames.slice(at, end);
    if (run.length >= 2) parts.push({ type: 'run', at, frames: run, owners: ownersOf(run) });
    else parts.push({ type: 'frame', at, frame: frames[at] as Frame });
    at = Math.max(end, at + 1);
  }
  return parts;
}

/** Whose frames they are, in the order of calls: `Node.js`, `express`. */
function ownersOf(frames: readonly Frame[]): string[] {
  return [
    ...new Set(frames.map(({ module }) => (module === 'node' ? 'Node.js' : (module ?? 'unknown code')))),
  ];
}
