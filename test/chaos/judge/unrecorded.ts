import type { Span } from './judge-app.ts';

/** What was done in the run; see system/effects.ts. */
type Done = Span & { what: string };

/** One time that a crashmon ran. */
type Life = { fromS: number; toS: number | null; saidUnrecorded: boolean };

/** Writes that failed are tried again every two seconds. */
const RETRY_S = 5;

/**
 * When deaths of an app could be lost: all the time of a crashmon that said that it records nothing; and what a crashmon had
 * only in its memory when it ended or was killed, because the disk was full or stood still.
 */
export function unrecordedSpans(lives: readonly Life[], deeds: readonly Done[]): Span[] {
  const troubles = joined(deeds.filter(({ what }) => what === 'disk-trouble'));
  return lives.flatMap(({ fromS, toS, saidUnrecorded }) => {
    const endS = toS ?? Number.POSITIVE_INFINITY;
    if (saidUnrecorded) return [{ fromS, toS: endS }];
    const during = troubles.filter((trouble) => endS >= trouble.fromS && endS <= trouble.toS + RETRY_S);
    return during.map((trouble) => ({ fromS: trouble.fromS, toS: endS }));
  });
}

/** Between two that follow soon, nothing need have been written. */
function joined(troubles: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const { fromS, toS } of troubles.toSorted((a, b) => a.fromS - b.fromS)) {
    const before = all.at(-1);
    if (before === undefined || fromS > before.toS + RETRY_S) all.push({ fromS, toS });
    else before.toS = Math.max(before.toS, toS);
  }
  return all;
}
