import type { Frame } from '../model/frame.ts';

/** Folds recursion: a repeated frame, or cycle of up to eight frames, is kept once with `repeat`. Linear time. */
export function foldRecursion(frames: readonly Frame[]): Frame[] {
  const ids = identities(frames);
  const folded: Frame[] = [];
  for (let at = 0; at < frames.length; ) {
    const { period, repeat } = bestCycle(ids, at);
    for (const frame of frames.slice(at, at + period))
      folded.push({ ...frame, repeat: frame.repeat * repeat });
    at += period * repeat;
  }
  return folded;
}

const MAX_PERIOD = 8;

/** The cycle that covers most frames; the shortest of equals. */
function bestCycle(ids: readonly number[], at: number): { period: number; repeat: number } {
  let best = { period: 1, repeat: 1 };
  for (let period = 1; period <= MAX_PERIOD; period++) {
    let end = at + period;
    while (end < ids.length && ids[end] === ids[end - period]) end++;
    const repeat = Math.floor((end - at) / period);
    if (repeat > 1 && period * repeat > best.period * best.repeat) best = { period, repeat };
  }
  return best;
}

/** Equal frames get equal numbers, for fast comparison. */
function identities(frames: readonly Frame[]): number[] {
  const known = new Map<string, number>();
  return frames.map(({ function: name, file, line, column, repeat, trust, native, wasm }) => {
    const key = JSON.stringify([
      name,
      file,
      line,
      column,
      repeat,
      trust,
      native?.image,
      native?.offset,
      wasm,
    ]);
    const id = known.get(key) ?? known.size;
    known.set(key, id);
    return id;
  });
}
