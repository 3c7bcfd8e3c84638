/** A stretch of a list: the items of one turn, as indexes, and whether they came round more than once. */
export type Turn = { indexes: number[]; repeats: boolean };

const MAX_PERIOD = 8;

/**
 * Finds what repeats by equal keys: a run of turns becomes its first turn, and what is left of an unfinished last turn
 * goes with it, so that it does not matter where the cycle was entered. `counts` above 1 mark what was folded before.
 */
export function foldCycles(keys: readonly string[], counts: readonly number[]): Turn[] {
  const { keys: wide, from } = unfolded(keys, counts);
  const turns: Turn[] = [];
  for (let at = 0; at < wide.length; ) {
    const { period, end } = bestRun(wide, at);
    const repeats = end - at > period;
    const indexes = from.slice(at, at + period);
    turns.push({ indexes, repeats });
    at = end;
  }
  return turns;
}

/** What was folded stands twice again, so that its unfinished turns are seen as such. */
function unfolded(keys: readonly string[], counts: readonly number[]): { keys: string[]; from: number[] } {
  const from: number[] = [];
  for (let at = 0; at < keys.length; ) {
    let end = at + 1;
    while (end < keys.length && counts[end] === counts[at] && (counts[at] ?? 1) > 1) end++;
    const block = Array.from({ length: end - at }, (_, index) => at + index);
    from.push(...block, ...((counts[at] ?? 1) > 1 ? block : []));
    at = end;
  }
  return { keys: from.map((index) => keys[index] ?? ''), from };
}

/** The run of at least two whole turns from here that covers most, the shortest period of equals. */
function bestRun(keys: readonly string[], at: number): { period: number; end: number } {
  let best = { period: 1, end: at + 1 };
  for (let period = 1; period <= MAX_PERIOD; period++) {
    let end = at + period;
    while (end < keys.length && keys[end] === keys[end - period]) end++;
    if (end - at >= 2 * period && end > best.end) best = { period, end };
  }
  return best;
}
